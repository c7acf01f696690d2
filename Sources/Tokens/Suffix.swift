/// The English endings both encodings know: `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` in any case.
enum Suffix {
  /// Where the suffix at `index` ends; `index` when there is none.
  @inline(__always)
  static func end(_ text: Span<UInt8>, at index: Int) -> Int {
    guard index < text.count, text[index] == 0x27 else { return index }
    return self.endAfterApostrophe(text, at: index)
  }

  private static func endAfterApostrophe(_ text: Span<UInt8>, at index: Int) -> Int {
    let first = self.letter(text, index &+ 1)
    let second = self.letter(text, index &+ 2)
    switch (first, second) {
    // s, d, m, t
    case (0x73, _), (0x64, _), (0x6D, _), (0x74, _): return index &+ 2
    // ll, ve, re
    case (0x6C, 0x6C), (0x76, 0x65), (0x72, 0x65): return index &+ 3
    // U+017F, the long s, is an s without regard to case.
    case (0xC5, _): return index &+ 2 < text.count && text[index &+ 2] == 0xBF ? index &+ 3 : index
    default: return index
    }
  }

  private static func letter(_ text: Span<UInt8>, _ index: Int) -> UInt8 {
    guard index < text.count else { return 0 }
    let byte = text[index]
    return byte < 0x80 ? byte | 0x20 : byte
  }
}
