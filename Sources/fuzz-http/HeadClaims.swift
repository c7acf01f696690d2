import Wire

/// What holds of every head that is accepted.
enum HeadClaims {
  static func check(_ head: RequestHead) {
    claim((3...20).contains(head.method.utf8.count), "a method's length")
    claim(
      head.method.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !(0x61...0x7A).contains($0) },
      "a method's bytes")
    claim(head.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }, "a target's bytes")
    claim(head.path.hasPrefix("/") || head.path == "*" && head.method == "OPTIONS", "a path's start")
    claim(!head.path.contains("?"), "a path ends at its query")
    claim(head.fields.count <= 100, "too many fields")
    claim((head.minorVersion == 0 || head.minorVersion == 1), "a version")
    claim(head.fields.values(of: "host").count == 1 || head.minorVersion == 0, "a host")
    check(framingOf: head)
    check(fieldsOf: head.fields)
    checkWrittenAgain(head)
  }

  private static func check(framingOf head: RequestHead) {
    let lengths = head.fields.values(of: "content-length")
    let codings = head.fields.values(of: "transfer-encoding")
    switch head.framing {
    case .none: claim(lengths.isEmpty && codings.isEmpty, "framing fields without framing")
    case .length(let length):
      claim(length >= 0 && lengths.count == 1 && codings.isEmpty && Int(lengths[0]) == length, "a length")
    case .chunked:
      claim(lengths.isEmpty && codings.count == 1 && codings[0].lowercased() == "chunked", "a coding")
      claim(head.minorVersion == 1, "chunks in HTTP/1.0")
    }
    if head.keepsAlive {
      claim(!head.fields.listContains("connection", "close"), "a connection is to be closed")
    }
  }

  static func check(fieldsOf fields: HeaderFields) {
    fields.forEach { name, value in
      claim(!name.isEmpty, "a field without a name")
      for index in name.indices { claim(name[index] > 0x20 && name[index] < 0x7F, "a name's byte") }
      for index in value.indices {
        claim(value[index] >= 0x20 && value[index] != 0x7F || value[index] == 0x09, "a value's byte")
      }
    }
  }

  /// Written out plainly and read again, a head is the same.
  private static func checkWrittenAgain(_ head: RequestHead) {
    var queue = ByteQueue()
    queue.append("\(head.method) \(head.target) HTTP/1.\(head.minorVersion)\r\n")
    head.fields.forEach { name, value in
      queue.append(name)
      queue.append(":")
      queue.append(value)
      queue.append("\r\n")
    }
    queue.append("\r\n")
    var parser = RequestParser()
    claim(parser.advance(&queue) == .head(head), "a head written again is another one")
    claim(queue.isEmpty, "a head written again leaves bytes behind")
  }
}
