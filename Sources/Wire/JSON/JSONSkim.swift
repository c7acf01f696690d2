/// Finds a few members of an object without taking the rest apart: a sixth of what its tape costs.
///
/// What it passes over is not checked, so this is for those who have no other use for the text.
package enum JSONSkim {
  /// An object of the wanted members only, spelled as they were; nil: it has to be read in the usual way.
  package static func members(
    of text: Span<UInt8>, where isWanted: (_ name: Span<UInt8>) -> Bool
  ) -> [UInt8]? {
    var kept: [UInt8] = []
    var index = Self.skipBlanks(text, from: 0)
    guard index < text.count, text[index] == UInt8(ascii: "{") else { return nil }
    repeat {
      let name = Self.skipBlanks(text, from: index + 1)
      guard name < text.count else { return nil }
      if text[name] == UInt8(ascii: "}"), kept.isEmpty { break }
      guard text[name] == UInt8(ascii: "\""), let nameEnd = Self.endOfString(text, from: name + 1) else {
        return nil
      }
      let spelled = text.extracting(name + 1..<nameEnd - 1)
      let colon = Self.skipBlanks(text, from: nameEnd)
      // Escapes in a name might spell one that is wanted.
      guard colon < text.count, text[colon] == UInt8(ascii: ":"), !Self.holdsEscape(spelled),
        let end = Self.endOfValue(text, from: Self.skipBlanks(text, from: colon + 1))
      else { return nil }
      if isWanted(spelled) {
        kept.append(kept.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        kept.append(copying: text.extracting(name..<end))
      }
      index = Self.skipBlanks(text, from: end)
    } while index < text.count && text[index] == UInt8(ascii: ",")
    guard index < text.count else { return nil }
    kept.append(copying: kept.isEmpty ? "{}" : "}")
    return kept
  }

  private static func skipBlanks(_ text: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < text.count, text[index] <= 0x20 { index += 1 }
    return index
  }

  private static func holdsEscape(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] == UInt8(ascii: "\\") { return true }
    return false
  }

  /// The place behind the value; nil: it has none.
  private static func endOfValue(_ text: Span<UInt8>, from start: Int) -> Int? {
    guard start < text.count else { return nil }
    switch text[start] {
    case UInt8(ascii: "\""):
      return Self.endOfString(text, from: start + 1)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      return Self.endOfContainer(text, from: start)
    default:
      var index = start
      while index < text.count {
        switch text[index] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20: return index
        default: index += 1
        }
      }
      return nil
    }
  }

  private static func endOfContainer(_ text: Span<UInt8>, from start: Int) -> Int? {
    var depth = 0
    var index = start
    while index < text.count {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        guard let end = Self.endOfString(text, from: index) else { return nil }
        index = end
      } else if byte | 0x20 == UInt8(ascii: "{") {
        // With that bit, a bracket looks like a brace.
        depth += 1
      } else if byte | 0x20 == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  /// The place behind the closing quote.
  private static func endOfString(_ text: Span<UInt8>, from start: Int) -> Int? {
    var index = StringScan.specialEnd(text, from: start)
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""): return index + 1
      case UInt8(ascii: "\\"): index += 2
      // A control character, which is not judged here.
      default: index += 1
      }
      index = StringScan.specialEnd(text, from: index)
    }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether these are the bytes of that word.
  package func isSpelled(_ word: StaticString) -> Bool { StringScan.isEqual(self, word) }
}
