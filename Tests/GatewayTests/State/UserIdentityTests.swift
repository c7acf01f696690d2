import Foundation
import Gateway
import Testing

/// The generated user id, in virtual time.
@Suite struct UserIdentityTests {
  static let lifetime = UserIdentity.lifetimeMilliseconds

  private func id(_ identity: inout UserIdentity, at now: UInt64) -> String {
    var generator = SystemRandomNumberGenerator()
    return identity.current(now: now, wallSeconds: 1_700_000_000) { generator.next() }
  }

  @Test("it has A's form, and its UUID is of version 4")
  func form() throws {
    var identity = UserIdentity()
    for now in stride(from: UInt64(0), to: 50 * (Self.lifetime + 1), by: Int(Self.lifetime + 1)) {
      let text = self.id(&identity, at: now)
      let hexadecimal =
        /user_[0-9a-f]{64}_account__session_([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})/
      let found = try hexadecimal.wholeMatch(in: text)
      let match = try #require(found)
      #expect(UUID(uuidString: String(match.1)) != nil)
    }
  }

  @Test("it stays for five hours and changes with the first request after them")
  func renewal() {
    var identity = UserIdentity()
    let first = self.id(&identity, at: 1_000)
    #expect(self.id(&identity, at: 1_000 + 4 * 3_600_000 + 59 * 60_000) == first)
    #expect(self.id(&identity, at: 1_000 + Self.lifetime) == first)
    let second = self.id(&identity, at: 1_000 + Self.lifetime + 1)
    #expect(second != first)
    #expect(self.id(&identity, at: 1_000 + 2 * Self.lifetime) == second)
  }

  @Test("it is shown with its age, and as none before the first request")
  func reading() {
    var identity = UserIdentity()
    #expect(identity.reading(now: 5) == UserIdentityReading())
    let text = self.id(&identity, at: 0)
    let reading = identity.reading(now: 61_000)
    #expect(reading.userID == text && reading.madeWallSeconds == 1_700_000_000)
    #expect(reading.minutesLeft == 298)
    #expect(identity.reading(now: 9 * Self.lifetime).minutesLeft == 0)
  }

  @Test("looking at it neither makes nor renews it")
  func lookingIsFree() {
    var identity = UserIdentity()
    _ = identity.reading(now: 0)
    let first = self.id(&identity, at: 0)
    _ = identity.reading(now: Self.lifetime * 2)
    #expect(identity.reading(now: Self.lifetime * 2).userID == first)
  }
}
