package import Wire

/// What chat clients ask for as their limit of tokens, in all the spellings that used to be understood (A7.1).
package enum TokenWish {
  /// `?max_tokens=N`, which beats the body; nil where it asks for nothing.
  package static func inQuery(_ query: String?) -> Int? {
    let pair = query?.split(separator: "&").first { $0.hasPrefix("max_tokens=") }
    guard let value = pair?.dropFirst("max_tokens=".count) else { return nil }
    let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    guard isPlain, let wish = Int(value), wish > 0 else { return nil }
    return wish
  }

  /// The body with its wishes as plain integers, or with the query's in their place; nil if it says just that already.
  package static func settled(_ root: JSONValue, inQuery wish: Int?) -> [UInt8]? {
    let bytes = root.document.bytes
    var output: [UInt8] = []
    var copied = 0
    for member in root.members {
      guard member.isNamed("max_tokens") || member.isNamed("max_completion_tokens") else { continue }
      guard let text = wish.map(String.init) ?? self.plain(member.value) else { continue }
      output += bytes[copied..<member.value.slice.offset]
      output += text.utf8
      copied = member.value.slice.range.upperBound
    }
    if let wish, copied == 0 {
      let start = root.slice.offset + 1
      let comma = root.isEmptyContainer ? "" : ","
      return bytes[..<start] + Array("\"max_tokens\":\(wish)\(comma)".utf8) + bytes[start...]
    }
    return copied == 0 ? nil : output + bytes[copied...]
  }

  /// Nil for what is an integer, or nothing, as it stands.
  private static func plain(_ value: JSONValue) -> String? {
    switch value.kind {
    case .null: return nil
    case .number:
      if value.integer != nil { return nil }
      guard let double = value.double, abs(double) < 1e15 else { return nil }
      return "\(Int(double))"
    case .string:
      var text = Substring(value.string ?? "")
      while text.first?.isWhitespace == true { text.removeFirst() }
      while text.last?.isWhitespace == true { text.removeLast() }
      return Int(text).map(String.init) ?? "null"
    case .bool, .array, .object: return "null"
    }
  }
}
