internal import Wire

/// The clock and the source of ids, given from outside so that the same input gives the same output.
package struct Surroundings: Sendable {
  /// Seconds since 1970.
  package let now: Int
  /// What the client's request is called elsewhere: the one id that is not made here.
  package var requestID: String?
  private var counters: [String: Int] = [:]
  private var random: IDSource?
  private var drawn = 0

  /// Counts ids from 1 for each prefix: `msg_p1`, `msg_p2`.
  package static func counted(now: Int) -> Surroundings { Surroundings(now: now, random: nil) }

  /// Draws ids from a seed of at least 16 random bytes.
  package static func seeded(_ seed: [UInt8], now: Int) -> Surroundings {
    Surroundings(now: now, random: IDSource(seed))
  }

  /// Draws ids from 128 random bits that are used for many answers, which `number` tells apart.
  package static func seeded(_ bits: (UInt64, UInt64), answer number: UInt64, now: Int) -> Surroundings {
    Surroundings(now: now, random: IDSource(bits, number))
  }

  private init(now: Int, random: IDSource?) {
    self.now = now
    self.random = random
  }

  package mutating func id(_ prefix: String) -> String {
    if prefix == "req_", let known = self.requestID { return known }
    guard let random = self.random else {
      let number = self.counters[prefix, default: 0] + 1
      self.counters[prefix] = number
      return "\(prefix)p\(number)"
    }
    self.drawn &+= 1
    return random.id(prefix, self.drawn)
  }
}

/// Ids that no other seed gives. They tell things apart and guard nothing.
private struct IDSource: Sendable {
  private let high: UInt64
  private let low: UInt64

  init(_ seed: [UInt8]) {
    var (high, low) = (UInt64(seed.count), UInt64(0x9E37_79B9_7F4A_7C15))
    for byte in seed {
      low = Self.mixed(low ^ UInt64(byte))
      high = Self.mixed(high &+ low)
    }
    (self.high, self.low) = (high, low)
  }

  init(_ bits: (UInt64, UInt64), _ number: UInt64) {
    self.low = Self.mixed(bits.0 ^ Self.mixed(number))
    self.high = Self.mixed(bits.1 &+ self.low)
  }

  /// The prefix with 24 hexadecimal digits.
  func id(_ prefix: String, _ number: Int) -> String {
    var state = self.low &+ UInt64(truncatingIfNeeded: number)
    for byte in prefix.utf8 { state = Self.mixed(state ^ UInt64(byte)) }
    return String(
      prefix, digitsOf: Self.mixed(self.high ^ state), Self.mixed(state &+ self.high &+ 1))
  }

  /// SplitMix64's finaliser.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
