import Gateway
import Settings
import Testing
import Wire

@Suite struct ForwardedClientTests {
  static func host(_ values: [String], peer: String?, trusting list: String) -> String? {
    var fields = HeaderFields()
    for value in values { fields.append(name: "X-Forwarded-For", value: value) }
    return NetworkList(list).flatMap { ForwardedClient.host(fields, peer: peer, trusting: $0) }
  }

  @Test(
    "the right-most entry that is not a trusted proxy's",
    arguments: [
      (["203.0.113.7"], "203.0.113.7"), (["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
      (["1.1.1.1", "203.0.113.7, 10.0.0.1"], "203.0.113.7"), (["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
      (["203.0.113.7:4711"], "203.0.113.7"), (["[2001:db8::1]:4711"], "2001:db8::1"),
      (["2001:db8::1"], "2001:db8::1"), (["unknown, 10.0.0.1"], "10.0.0.1"), (["unknown"], nil),
      ([""], nil),
      (["203.0.113.7,"], "203.0.113.7"), ([], nil),
    ] as [([String], String?)])
  func entries(_ values: [String], _ client: String?) {
    #expect(Self.host(values, peer: "127.0.0.1", trusting: "127.0.0.1,10.0.0.0/8") == client)
    #expect(Self.host(values, peer: nil, trusting: "10.0.0.0/8") == client)
  }

  @Test("nobody else is believed")
  func untrusted() {
    #expect(Self.host(["203.0.113.7"], peer: "198.51.100.1", trusting: "127.0.0.1") == nil)
    #expect(Self.host(["203.0.113.7"], peer: "198.51.100.1", trusting: "*") == "203.0.113.7")
  }
}
