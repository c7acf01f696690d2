import Gateway
import Testing
import Wire

@Suite struct ForwardedSchemeTests {
  static func scheme(_ fields: [(String, String)], isTrusted: Bool = true) throws -> ForwardedScheme {
    ForwardedScheme(try Requests.fields(fields)) { isTrusted }
  }

  @Test(
    "each of gunicorn's three fields has a word of its own for TLS",
    arguments: [
      ("X-Forwarded-Proto", "https", ForwardedScheme.secure), ("x-forwarded-proto", "HTTPS", .secure),
      ("X-Forwarded-Protocol", "ssl", .secure), ("X-Forwarded-Ssl", "on", .secure),
      ("X-Forwarded-Proto", "http", .plain), ("X-Forwarded-Proto", "on", .plain),
      ("X-Forwarded-Protocol", "https", .plain), ("X-Forwarded-Ssl", "off", .plain),
      ("X-Forwarded-Proto", "", .plain), ("X-Forwarded-Port", "https", .plain),
    ])
  func words(_ name: String, _ value: String, _ scheme: ForwardedScheme) throws {
    #expect(try Self.scheme([(name, value)]) == scheme)
    #expect(try Self.scheme([(name, value)], isTrusted: false) == .plain)
  }

  @Test(
    "two that say the same agree, two that do not contradict each other",
    arguments: [
      ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on")], ForwardedScheme.secure),
      ([("X-Forwarded-Proto", "http"), ("X-Forwarded-Ssl", "off")], .plain),
      ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "off")], .disagreeing),
      ([("X-Forwarded-Proto", "http"), ("X-Forwarded-Proto", "https")], .disagreeing),
      (
        [("X-Forwarded-Proto", "http"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on")],
        .disagreeing
      ),
    ])
  func several(_ fields: [(String, String)], _ scheme: ForwardedScheme) throws {
    #expect(try Self.scheme(fields) == scheme)
    #expect(try Self.scheme(fields, isTrusted: false) == .plain)
  }

  @Test("nobody is asked for trust where there is nothing to believe")
  func nothing() throws {
    let fields = try Requests.fields([("host", "a")])
    let scheme = ForwardedScheme(fields) {
      Issue.record("asked")
      return true
    }
    #expect(scheme == .plain)
  }
}
