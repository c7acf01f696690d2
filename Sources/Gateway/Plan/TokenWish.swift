package import Wire

/// What chat clients ask for as their limit of tokens, in all the spellings that used to be understood (A7.1).
package enum TokenWish {
  /// More than any limit grants; a wish beyond it is no other wish.
  private static let most = 1_000_000_000

  /// `?max_tokens=N`, which beats the body; nil where it asks for nothing.
  package static func inQuery(_ query: String?) -> Int? {
    guard let value = PercentText.value(of: "max_tokens", in: query) else { return nil }
    // A form spells a blank so.
    let text = String(value.map { $0 == "+" ? " " : $0 })
    guard let wish = self.integer(text), wish > 0 else { return nil }
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
      guard let double = value.double, !double.isNaN else { return nil }
      return "\(Int(max(-Double(Self.most), min(double, Double(Self.most)))))"
    case .string: return self.integer(value.string ?? "").map(String.init) ?? "null"
    case .bool, .array, .object: return "null"
    }
  }

  /// An integer with blanks around it; one that no word of this machine holds is as good as the most.
  private static func integer(_ text: String) -> Int? {
    var digits = Substring(text)
    while digits.first?.isWhitespace == true { digits.removeFirst() }
    while digits.last?.isWhitespace == true { digits.removeLast() }
    if let integer = Int(digits) { return min(integer, Self.most) }
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    return isNumber ? Self.most : nil
  }
}
