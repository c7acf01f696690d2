import Testing
import Wire

@testable import Gateway
@testable import Settings

/// What browsers are told.
@Suite struct CrossOriginTests {
  private func settings(_ setting: CrossOriginSettings, keys: Bool = false) throws -> Settings {
    var settings = Settings()
    settings.crossOrigin = setting
    settings.plan = try Requests.anthropic()
    if keys { settings.clients.allowedKeys = [Secret("a-key-of-mine")] }
    return settings
  }

  private func allowed(_ settings: Settings, origin: String?) throws -> String? {
    let request = try Requests.fields(origin.map { [("Origin", $0)] } ?? [])
    let cors = CrossOrigin(settings)
    return cors.fields(request, for: .chatCompletions).value(of: "access-control-allow-origin")
  }

  @Test(
    "a reply names the origin if it may",
    arguments: [
      (CrossOriginSettings.all, "https://a", "https://a"), (.all, nil, "*"), (.none, "https://a", nil),
      (.listed(["https://a"]), "https://a", "https://a"), (.listed(["https://a"]), "https://evil", nil),
      (.listed(["https://a"]), nil, nil), (.byKeys, "https://a", nil),
    ] as [(CrossOriginSettings, String?, String?)])
  func origins(setting: CrossOriginSettings, origin: String?, expected: String?) throws {
    #expect(try self.allowed(self.settings(setting), origin: origin) == expected)
  }

  @Test("unset means all where keys are checked, and nobody where they are not")
  func byKeys() throws {
    #expect(try self.allowed(self.settings(.byKeys, keys: true), origin: "https://a") == "https://a")
    var dynamic = Settings()
    dynamic.plan = try Requests.openAI(.dynamic)
    #expect(try self.allowed(dynamic, origin: "https://a") == "https://a")
    let request = try Requests.fields([("origin", "https://a")])
    let unconfigured = CrossOrigin(Settings()).fields(request, for: nil)
    #expect(unconfigured.isEmpty)
  }

  @Test("what depends on the origin says so to caches")
  func vary() throws {
    let request = try Requests.fields([("origin", "https://evil")])
    let listed = CrossOrigin(try self.settings(.listed(["https://a"]))).fields(request, for: nil)
    #expect(listed.value(of: "vary") == "Origin" && listed.count == 1)
    let all = CrossOrigin(try self.settings(.all)).fields(request, for: nil)
    #expect(all.value(of: "vary") == "Origin")
    #expect(!all.contains("access-control-allow-credentials"))
  }

  @Test("a preflight is told methods and header fields, but only for an origin that may call")
  func preflight() throws {
    let request = try Requests.fields([
      ("origin", "https://a"), ("access-control-request-method", "POST"),
      ("access-control-request-headers", "authorization, content-type"),
    ])
    let fields = CrossOrigin(try self.settings(.all)).preflight(request, allowed: "POST", for: nil)
    #expect(fields.value(of: "access-control-allow-methods") == "POST, OPTIONS")
    #expect(fields.value(of: "access-control-allow-headers") == "authorization, content-type")
    #expect(fields.value(of: "allow") == "POST, OPTIONS" && !fields.contains("access-control-allow-origin"))
    let refused = CrossOrigin(try self.settings(.listed(["https://b"]))).preflight(
      request, allowed: "POST", for: nil)
    #expect(!refused.contains("access-control-allow-methods") && refused.contains("allow"))
    let plain = CrossOrigin(try self.settings(.all)).preflight(
      try Requests.fields([]), allowed: "GET", for: nil)
    #expect(plain.value(of: "allow") == "GET, OPTIONS" && !plain.contains("access-control-allow-methods"))
  }
}
