/// Makes the escaped content of JSON strings, always the same for the same seed: words, of whose characters
/// 2 % are escapes and 5 % are not ASCII.
struct SampleText {
  private static let escapes = ["\\n", "\\n", "\\n", "\\\"", "\\\"", "\\\\", "\\t"]
  private static let foreign = ["é", "ü", "ñ", "ß", "я", "ж", "—", "漢", "語", "の", "👍"]

  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func number(below limit: Int) -> Int {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) >> 33) % limit
  }

  mutating func text(_ characters: Int) -> String {
    var text = ""
    for _ in 0..<characters {
      switch self.number(below: 100) {
      case 0..<2: text += Self.escapes[self.number(below: Self.escapes.count)]
      case 2..<7: text += Self.foreign[self.number(below: Self.foreign.count)]
      case 7..<22: text += " "
      default: text.unicodeScalars.append(self.letter)
      }
    }
    return text
  }

  /// Letters only.
  mutating func word(_ characters: Int) -> String {
    var text = ""
    for _ in 0..<characters { text.unicodeScalars.append(self.letter) }
    return text
  }

  mutating func base64(_ characters: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters)
    for _ in 0..<characters { bytes.append(alphabet[self.number(below: 64)]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private var letter: Unicode.Scalar {
    mutating get { Unicode.Scalar(UInt8(0x61 + self.number(below: 26))) }
  }
}
