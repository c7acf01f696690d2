import Testing

@testable import Settings

/// Keys: where they may come from, and that they never show.
@Suite struct SecretTests {
  static let key = "sk-very-secret-value"

  @Test("a secret shows itself to nobody who prints it")
  func hidden() throws {
    let settings = try Configuration(
      "UPSTREAM_API_URL=http://127.0.0.1/\nUPSTREAM_API_KEY=\(Self.key)\nALLOWED_API_KEYS=\(Self.key)-2\n"
    ).settings()
    var dumped = ""
    dump(settings, to: &dumped)
    let printed = ["\(settings)", String(reflecting: settings), dumped] + settings.summary
    for text in printed { #expect(!text.contains("very-secret")) }
    #expect(settings.upstream.anthropicKey?.revealed == Self.key)
  }

  @Test(
    "a refused secret shows in no message",
    arguments: [
      "OPENAI_API_KEY=sk-very-secret value\n", "OPENAI_API_KEY=\"sk-very-secret\nX: y\"\n",
      "ALLOWED_API_KEYS=good-enough,very-secret\u{1F511}\n",
      "OPENAI_API_KEY=sk-very-secret-1\nOPENAI_API_KEY_FILE=/k\n",
      "BACKEND_URL=http://user:very-secret@host/v1\n", "BACKEND_URL=http://host/v1?key=very-secret#f\n",
      "UPSTREAM_PROXY_URL=http://user:very-secret@host:8080\n",
    ])
  func refused(text: String) {
    let configuration = Configuration(text, files: ["/k": "sk-very-secret-2\n"])
    #expect(configuration.faults.count == 1)
    for line in configuration.faults + configuration.remarks {
      #expect(!line.contains("very-secret"), "\(line)")
    }
  }

  @Test(
    "equality is that of the bytes, whatever the lengths",
    arguments: [
      ("", "", true), ("a", "a", true), ("abc", "abd", false), ("abc", "ab", false), ("abc", "abcabc", false),
      ("abc", "", false), ("", "a", false), ("aa", "a", false), ("a", "aa", false), ("abc", "bbc", false),
    ])
  func equality(left: String, right: String, expected: Bool) {
    #expect(Secret(left).matches(Array(right.utf8)) == expected)
    #expect((Secret(left) == Secret(right)) == expected)
  }

  @Test(
    "a key may stand in a file of its own or in a credential",
    arguments: [
      "UPSTREAM_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ALLOWED_API_KEYS",
    ])
  func elsewhere(name: String) throws {
    let direct = try Configuration("\(name)=\(Self.key)\n").settings()
    #expect(direct != Settings())
    let byFile = Configuration("\(name)_FILE=/k\n", files: ["/k": "\(Self.key)\n"])
    #expect(try byFile.settings() == direct)
    let credential = name.lowercased().split(separator: "_").joined(separator: "-")
    let byCredential = Configuration(credentials: [credential: "\(Self.key)\n"])
    #expect(try byCredential.settings() == direct)
    #expect(byCredential.remarks.contains { $0.contains(credential) && $0.contains("restart") })
  }

  @Test("one key in three places must be one key")
  func places() {
    let text = "OPENAI_API_KEY=\(Self.key)\nOPENAI_API_KEY_FILE=/k\n"
    #expect(
      Configuration(text, credentials: ["openai-api-key": Self.key], files: ["/k": Self.key]).faults.isEmpty)
    #expect(Configuration(text, files: ["/k": Self.key + "x"]).faults.count == 1)
    #expect(
      Configuration(text, credentials: ["openai-api-key": "other-key"], files: ["/k": Self.key]).faults.count
        == 1)
  }

  @Test("a key file that cannot be read is a fault with the system's reason")
  func unreadable() {
    #expect(
      Configuration("OPENAI_API_KEY_FILE=/none\n").faults == [
        "claude-proxy.env:1: OPENAI_API_KEY_FILE: \"/none\" is not accepted; expected a readable file:"
          + " No such file or directory"
      ])
  }

  @Test("a list is split at commas and line ends, and its empty places are no keys")
  func lists() throws {
    let byFile = Configuration("ALLOWED_API_KEYS_FILE=/k", files: ["/k": "key-number-1\r\n\nkey-number-2,\n"])
    let keys = try byFile.settings().clients.allowedKeys
    #expect(keys == [Secret("key-number-1"), Secret("key-number-2")])
    #expect(
      try Configuration("ALLOWED_API_KEYS=' key-number-1 , key-number-2,'").settings().clients.allowedKeys
        == keys)
  }

  @Test("clients are accepted by the list or the single key, and by nothing near them")
  func accepted() throws {
    let clients = try Configuration("ALLOWED_API_KEYS=key-number-1\nANTHROPIC_API_KEY=key-number-2")
      .settings().clients
    #expect(clients.accepts("key-number-1".utf8) && clients.accepts("key-number-2".utf8))
    #expect(!clients.accepts("key-number-3".utf8) && !clients.accepts("".utf8))
    #expect(clients.isListed("key-number-1".utf8) && !clients.isListed("key-number-2".utf8))
  }

  @Test("the sample's placeholder counts as unset, with a warning")
  func placeholder() throws {
    let configuration = Configuration("UPSTREAM_API_KEY=cr_set_upstream_api_key\n")
    #expect(try configuration.settings() == Settings())
    #expect(configuration.remarks.contains { $0.contains("placeholder") })
  }
}
