internal import Dialogue

/// What `/health` tells of the generated user id.
package struct UserIdentityReading: Sendable, Equatable {
  package var userID: String?
  /// When it was made, on the wall clock.
  package var madeWallSeconds: Int?
  /// Whole minutes until it is replaced by the next request; 0 when that is due.
  package var minutesLeft: Int?

  package init() {}
}

/// The user id an Anthropic upstream is shown: one for all clients, made at the first request that needs it and replaced by
/// the first one more than five hours later.
package struct UserIdentity: Sendable {
  package static let lifetimeMilliseconds: UInt64 = 5 * 3_600_000

  private struct Made {
    let text: String
    let atMilliseconds: UInt64
    let wallSeconds: Int
  }

  private var made: Made?

  package init() {}

  /// `random` gives numbers nobody can guess; it is asked only when an id is made.
  package mutating func current(
    now: UInt64, wallSeconds: Int, random: () -> UInt64
  ) -> String {
    if let made = self.made, now - min(now, made.atMilliseconds) <= Self.lifetimeMilliseconds {
      return made.text
    }
    let text = Self.make(random)
    self.made = Made(text: text, atMilliseconds: now, wallSeconds: wallSeconds)
    return text
  }

  package func reading(now: UInt64) -> UserIdentityReading {
    var reading = UserIdentityReading()
    guard let made = self.made else { return reading }
    let age = now - min(now, made.atMilliseconds)
    reading.userID = made.text
    reading.madeWallSeconds = made.wallSeconds
    reading.minutesLeft = Int(
      clamping: (Self.lifetimeMilliseconds - min(age, Self.lifetimeMilliseconds)) / 60_000)
    return reading
  }

  /// `user_` and a SHA-256 in hexadecimal, `_account__session_` and a UUID of version 4.
  private static func make(_ random: () -> UInt64) -> String {
    let seed = (0..<4).flatMap { _ in Self.bytes(random()) }
    var unique = Self.bytes(random()) + Self.bytes(random())
    unique[6] = unique[6] & 0x0F | 0x40
    unique[8] = unique[8] & 0x3F | 0x80
    let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Self.hex(unique[$0]) }
    return "user_\(Self.hex(SHA256.hash(seed)[...]))_account__session_\(groups.joined(separator: "-"))"
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
