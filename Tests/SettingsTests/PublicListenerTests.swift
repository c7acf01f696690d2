import Testing

@testable import Settings

/// What a listener that others can reach may not do.
@Suite struct PublicListenerTests {
  static let spending = "UPSTREAM_API_URL=http://127.0.0.1/\nUPSTREAM_API_KEY=upstream-key\n"

  @Test(
    "an address is loopback or public",
    arguments: [
      ("127.0.0.1", false), ("127.9.9.9", false), ("localhost", false), ("::1", false),
      ("0:0:0:0:0:0:0:1", false),
      ("::ffff:127.0.0.1", false), ("0.0.0.0", true), ("::", true), ("10.0.0.1", true), ("::2", true),
      ("fe80::1", true), ("::ffff:10.0.0.1", true),
    ])
  func addresses(host: String, isPublic: Bool) throws {
    let listening = try Configuration("HOST=\(host)").settings().listening
    #expect(listening.publicPlaces.isEmpty != isPublic)
  }

  @Test(
    "no other text is an address",
    arguments: [
      "example.org", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", ":::", "1::2::3", ":1", "1:", "12345::",
      "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "::1%lo", "[::1]", "1.2.3.4::", "::1.2.3", "*",
      "1:2:3:4:5:6:7:8::",
    ])
  func noAddress(text: String) {
    #expect(Configuration("HOST=\(text)").faults.count == 1)
  }

  @Test(
    "the server's key is not spent for anybody who can reach a public listener",
    arguments: [
      ("HOST=0.0.0.0\n" + spending, 1), ("HOST=127.0.0.1\n" + spending, 0),
      ("HOST=0.0.0.0\nALLOW_OPEN=true\n" + spending, 0), ("GUNICORN_BIND=0.0.0.0:5000\n" + spending, 1),
      ("HOST=0.0.0.0\nALLOWED_API_KEYS=long-enough-key\n" + spending, 0),
      ("HOST=0.0.0.0\nANTHROPIC_API_KEY=long-enough-key\n" + spending, 0),
      ("HOST=0.0.0.0\nOPENAI_API_KEY=upstream-key\n", 1), ("HOST=0.0.0.0\nUPSTREAM=demo\n", 0),
      ("HOST=0.0.0.0\nOPENAI_BASE_URL=http://h/v1\n", 0), ("HOST=0.0.0.0\nBACKEND_URL=http://h/v1\n", 0),
      ("HOST=0.0.0.0\nUPSTREAM=demo\n" + spending, 0), ("HOST=0.0.0.0\n", 0),
    ])
  func open(text: String, count: Int) {
    #expect(Configuration(text).faults.count == count)
  }

  @Test("an open listener is warned about at each start")
  func allowed() {
    let remarks = Configuration("HOST=0.0.0.0\nALLOW_OPEN=true\n" + Self.spending).remarks
    #expect(remarks.contains { $0.hasPrefix("warning: ") && $0.contains("ALLOW_OPEN") })
  }

  @Test(
    "sample keys and short keys are refused by name in public and warned about on loopback",
    arguments: [
      "ALLOWED_API_KEYS=sk-test123", "ALLOWED_API_KEYS=long-enough-key,short", "ANTHROPIC_API_KEY=sk-demo1",
    ])
  func weak(text: String) throws {
    let name = text.prefix { $0 != "=" }
    let onLoopback = Configuration(text)
    _ = try onLoopback.settings()
    #expect(onLoopback.remarks.contains { $0.hasPrefix("warning: claude-proxy.env:1: \(name): ") })
    let inPublic = Configuration(text + "\nHOST=0.0.0.0\n")
    #expect(inPublic.faults.count == 1)
    #expect(inPublic.faults[0].hasPrefix("claude-proxy.env:1: \(name): "))
    let bySocket = Configuration(text, listeners: .systemd(publicAddresses: ["192.0.2.1:80"]))
    #expect(bySocket.faults.count == 1 && bySocket.faults[0].contains("192.0.2.1:80"))
  }

  @Test("passed sockets make HOST and PORT count for nothing, and the warning says where to change them")
  func passedSockets() throws {
    let text = "HOST=0.0.0.0\nPORT=8082\n" + Self.spending
    let passed = Configuration(text, listeners: .systemd(publicAddresses: []))
    _ = try passed.settings()
    for name in ["HOST", "PORT"] {
      #expect(
        passed.remarks.contains { $0.contains(": \(name): ignored") && $0.contains("claude-proxy.socket") })
    }
    #expect(Configuration(Self.spending, listeners: .systemd(publicAddresses: ["[::]:80"])).faults.count == 1)
  }

  @Test("a fault in the keys is not followed by one about missing keys")
  func noCascade() {
    #expect(Configuration("HOST=0.0.0.0\nALLOWED_API_KEYS='a b'\n" + Self.spending).faults.count == 1)
  }
}
