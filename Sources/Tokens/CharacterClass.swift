/// What a character is to the splitters; the numbers are those of the tables' generator.
enum CharacterClass {
  static let other: UInt8 = 0
  static let blank: UInt8 = 1
  static let newline: UInt8 = 2
  static let number: UInt8 = 3
  /// Lu and Lt.
  static let upper: UInt8 = 4
  /// Ll.
  static let lower: UInt8 = 5
  /// Lm and Lo.
  static let letter: UInt8 = 6
  static let mark: UInt8 = 7
}

/// Several classes at once.
struct ClassSet {
  private let bits: UInt8

  init(_ classes: UInt8...) {
    self.bits = classes.reduce(0) { $0 | 1 &<< $1 }
  }

  @inline(__always)
  func contains(_ kind: UInt8) -> Bool { self.bits &>> (kind & 7) & 1 == 1 }

  static let letters = ClassSet(CharacterClass.upper, CharacterClass.lower, CharacterClass.letter)
  static let lettersAndMarks = ClassSet(
    CharacterClass.upper, CharacterClass.lower, CharacterClass.letter, CharacterClass.mark)
  /// What may stand before the small letters of a word.
  static let large = ClassSet(CharacterClass.upper, CharacterClass.letter, CharacterClass.mark)
  /// What may follow the capitals of a word.
  static let small = ClassSet(CharacterClass.lower, CharacterClass.letter, CharacterClass.mark)
  static let caseless = ClassSet(CharacterClass.letter, CharacterClass.mark)
  static let blanks = ClassSet(CharacterClass.blank, CharacterClass.newline)
  /// Neither blank nor letter nor number.
  static let symbols = ClassSet(CharacterClass.other, CharacterClass.mark)
}
