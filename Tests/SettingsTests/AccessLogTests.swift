import Testing

@testable import Settings

@Suite struct AccessLogTests {
  @Test(
    "where lines go, and in whose words",
    arguments: [
      ("", AccessLogSettings.Target.log, true), ("GUNICORN_ACCESSLOG=journal", .log, true),
      ("GUNICORN_ACCESSLOG=-", .standardOutput, false), ("GUNICORN_ACCESSLOG=None", .nowhere, false),
      ("GUNICORN_ACCESSLOG=", .log, true), ("GUNICORN_ACCESSLOG=/var/Log/x", .file("/var/Log/x"), false),
      ("GUNICORN_ACCESSLOG=journal\nGUNICORN_ACCESS_LOG_FORMAT='%(s)s'", .log, false),
    ])
  func targets(_ text: String, _ target: AccessLogSettings.Target, _ isInOwnWords: Bool) throws {
    let settings = try Configuration(text).settings().accessLog
    #expect(settings.target == target)
    #expect((settings.format == nil) == isInOwnWords)
  }

  @Test("a place that is none is refused", arguments: ["access.log", "/", "/var/log/", "syslog", "stdout"])
  func noPlace(_ value: String) {
    #expect(Configuration("GUNICORN_ACCESSLOG=\(value)").faults.count == 1)
  }

  @Test(
    "a format is refused that Python would not print",
    arguments: ["%", "%h", "%(h)", "%(h", "%(h)x", "100 % (h)s", "%(s)s %", "a\u{1}b"])
  func noFormat(_ value: String) {
    #expect(AccessFormat(value) == nil)
    #expect(Configuration("GUNICORN_ACCESS_LOG_FORMAT='\(value)'").faults.count == 1)
  }

  @Test("gunicorn's own format is one, and what it is made of has a letter each")
  func standard() {
    #expect(AccessFormat(AccessFormat.standard.source) == .standard)
    #expect(AccessFormat.standard.pieces.count == 18)
    #expect(!AccessFormat.standard.asksForReplyFields)
    #expect(AccessFormat("%({Date}o)s")?.pieces == [.replyField("date")])
    #expect(AccessFormat("%({Date}o)s")?.asksForReplyFields == true)
    #expect(AccessFormat("%%%(nix)s")?.pieces == [.text("%"), .nothing])
  }

  @Test("gunicorn's name for the level is another one of ours")
  func level() throws {
    #expect(try Configuration("GUNICORN_LOGLEVEL=warning").settings().logLevel == .warning)
    #expect(try Configuration("GUNICORN_LOGLEVEL=warning\nLOG_LEVEL=debug").settings().logLevel == .debug)
    #expect(try Configuration("GUNICORN_LOGLEVEL=warning\nRUST_LOG=debug").settings().logLevel == .warning)
  }
}
