import Wire

/// What holds of every block taken for an upstream's head.
enum ReplyClaims {
  static func check(_ bytes: [UInt8]) {
    guard let head = ResponseHead(parsing: bytes.span) else { return }
    claim((200...999).contains(head.status), "a status")
    HeadClaims.check(fieldsOf: head.fields)
    var queue = ByteQueue()
    ResponseWriter.head(
      status: head.status, fields: head.fields, framing: .chunked, date: "now", keepsAlive: false, to: &queue)
    let written = Reading.array(queue.span)
    let again = ResponseHead(parsing: written.span)
    claim(again?.status == head.status, "a reply written and read has another status")
    claim(
      again?.fields.values(of: "connection") == ["close"], "a reply says twice how its connection goes on")
    claim(
      written.filter { $0 == 0x0A }.count == (again?.fields.count ?? 0) + 2, "a reply has a line too many")
  }
}
