import Wire

/// Counts without decoding.
enum TextLength {
  /// Unicode scalars in an escaped text; a surrogate pair is one.
  static func scalars(_ text: Text) -> Int {
    var bytes: [UInt8] = []
    text.appendEscaped(to: &bytes)
    return self.scalars(bytes.span)
  }

  static func scalars(_ escaped: Span<UInt8>) -> Int {
    var count = 0
    var index = 0
    while index < escaped.count {
      let byte = escaped[index]
      if byte == 0x5C, index + 1 < escaped.count {
        if escaped[index + 1] == 0x75 {
          // The second half of a pair, DC00 to DFFF, belongs to the first.
          let isLow =
            index + 3 < escaped.count && escaped[index + 2] | 0x20 == 0x64
            && [0x63, 0x64, 0x65, 0x66].contains(escaped[index + 3] | 0x20)
          if !isLow { count += 1 }
          index += 6
        } else {
          count += 1
          index += 2
        }
      } else {
        if byte & 0xC0 != 0x80 { count += 1 }
        index += 1
      }
    }
    return count
  }
}

/// Follows fragments of JSON text, themselves escaped, and knows when they are one whole value.
struct JSONProgress {
  private enum State {
    case start
    case inside
    case string
    case scalar
    case complete
    case broken
  }

  private var state = State.start
  private var depth = 0
  /// A backslash of the inner text was seen.
  private var isEscaped = false

  /// A number or a word is complete when nothing follows, which nobody can know: it counts as complete.
  var isComplete: Bool { self.state == .complete || (self.state == .scalar && self.depth == 0) }
  var isEmpty: Bool { self.state == .start }

  mutating func take(_ text: Text) {
    text.withEscaped { self.take($0) }
  }

  private mutating func take(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == 0x5C, index + 1 < bytes.count else {
        self.step(byte)
        index += 1
        continue
      }
      switch bytes[index + 1] {
      case 0x6E, 0x72, 0x74: self.step(0x20)
      case 0x62, 0x66: self.step(0x01)
      case 0x75:
        self.step(Self.ascii(bytes, index + 2))
        index += 4
      case let byte: self.step(byte)
      }
      index += 2
    }
  }

  private static func ascii(_ bytes: Span<UInt8>, _ start: Int) -> UInt8 {
    guard start + 4 <= bytes.count, bytes[start] == 0x30, bytes[start + 1] == 0x30 else { return 0x80 }
    func digit(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte & 15 : (byte & 15) + 9 }
    return digit(bytes[start + 2]) << 4 | digit(bytes[start + 3])
  }

  private mutating func step(_ byte: UInt8) {
    switch self.state {
    case .string:
      if self.isEscaped {
        self.isEscaped = false
      } else if byte == 0x5C {
        self.isEscaped = true
      } else if byte == 0x22 {
        self.state = self.depth == 0 ? .complete : .inside
      }
    case .start, .inside, .scalar: self.stepOutsideString(byte)
    case .complete: if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 { self.state = .broken }
    case .broken: break
    }
  }

  private mutating func stepOutsideString(_ byte: UInt8) {
    switch byte {
    case 0x7B, 0x5B:
      self.depth += 1
      self.state = .inside
    case 0x7D, 0x5D:
      self.depth -= 1
      self.state = self.depth > 0 ? .inside : self.depth == 0 ? .complete : .broken
    case 0x22: self.state = .string
    case 0x20, 0x0A, 0x0D, 0x09: if self.state == .scalar, self.depth == 0 { self.state = .complete }
    default: self.state = self.depth == 0 ? .scalar : .inside
    }
  }
}

/// Joins surrogate pairs that were cut between two fragments.
struct PairJoiner {
  private var held: [UInt8] = []

  var isHolding: Bool { !self.held.isEmpty }

  /// The text that can go on now; nil while all of it is held.
  mutating func take(_ value: JSONValue) -> Text? {
    guard self.isHolding || value.hasLoneSurrogate else { return Text(value) }
    var bytes = self.held
    self.held.removeAll(keepingCapacity: true)
    Text(value).appendEscaped(to: &bytes)
    if JSONText.endsInHalfPair(bytes.span) {
      self.held.append(contentsOf: bytes.suffix(6))
      bytes.removeLast(6)
    }
    return bytes.isEmpty ? nil : Text(escaped: bytes)
  }

  /// What is left when nothing more comes.
  mutating func flush() -> Text? {
    guard self.isHolding else { return nil }
    self.held.removeAll(keepingCapacity: true)
    return Text(literal: #"\ufffd"#)
  }
}
