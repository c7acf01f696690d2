/// What the words in brackets of a message ask for.
internal struct DemoWishes: Equatable, Sendable {
  enum Midstream: Equatable, Sendable {
    case failure
    case stall
    case breakOff
  }

  enum Amount: Equatable, Sendable {
    case events(Int)
    case bytes(Int)
  }

  /// What can be asked for at most, so that a wrong digit costs nobody an afternoon.
  private enum Bound {
    static let milliseconds = 600_000
    static let events = 10_000_000
    static let bytes = 64 << 20
  }

  private(set) var callsTool = false
  private(set) var thinks = false
  private(set) var failure: Int?
  private(set) var retryAfter: Int?
  private(set) var midstream: Midstream?
  private(set) var amount: Amount?
  private(set) var overture: [DemoStep] = []
  private var pause: Int?
  /// The message without the words that were understood.
  private(set) var text = ""

  var pauseMilliseconds: Int { self.pause ?? (self.amount == nil ? 20 : 0) }

  init(in message: String) {
    let open = UInt8(ascii: "[")
    let close = UInt8(ascii: "]")
    let bytes = Array(message.utf8)
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      // The longest wish has fewer bytes, so a text full of brackets is not searched again and again.
      let reach = bytes[index...].prefix(32)
      if bytes[index] == open, let end = reach.firstIndex(of: close), self.take(bytes[index + 1..<end]) {
        index = end + 1
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    self.text = String(decoding: plain, as: UTF8.self)
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) -> Bool {
    let words = bytes.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    let numbers = words.dropFirst().compactMap { Int($0) }
    switch (words.first, words.count) {
    case ("tool", 1): self.callsTool = true
    case ("think", 1): self.thinks = true
    case ("stall", 1): self.overture.append(.stall)
    case ("stall", 2) where words[1] == "midstream": self.midstream = .stall
    case ("break", 1): self.midstream = .breakOff
    case ("break", 2) where words[1] == "early": self.overture.append(.breakOff)
    case ("fail", 2) where words[1] == "midstream": self.midstream = .failure
    case ("fail", 2...3):
      guard numbers.count == words.count - 1, (400...599).contains(numbers[0]) else { return false }
      self.failure = numbers[0]
      self.retryAfter = numbers.count == 2 ? max(numbers[1], 0) : nil
    case ("wait", 2):
      guard let number = numbers.first else { return false }
      self.overture.append(.pause(milliseconds: Self.bounded(number, Bound.milliseconds)))
    case ("pause", 2):
      guard let number = numbers.first else { return false }
      self.pause = Self.bounded(number, Bound.milliseconds)
    case ("events", 2):
      guard let number = numbers.first else { return false }
      self.amount = .events(Self.bounded(number, Bound.events))
    case ("size", 2):
      guard let number = numbers.first else { return false }
      self.amount = .bytes(Self.bounded(number, Bound.bytes))
    default: return false
    }
    return true
  }

  private static func bounded(_ number: Int, _ bound: Int) -> Int {
    min(max(number, 0), bound)
  }
}
