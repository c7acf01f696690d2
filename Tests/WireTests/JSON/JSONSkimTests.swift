import Testing

@testable import Wire

@Suite struct JSONSkimTests {
  private static func kept(_ text: String) -> String? {
    let members = JSONSkim.members(of: Array(text.utf8).span) { name in
      name.count == 1 && (name[0] == UInt8(ascii: "u") || name[0] == UInt8(ascii: "m"))
    }
    return members.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("{}", "{}"),
    (" { \"a\" : 1 } ", "{}"),
    (#"{"u":1}"#, #"{"u":1}"#),
    (#"{"a":[{"u":2},"]"],"u":{"x":[1,{}]},"b":null}"#, #"{"u":{"x":[1,{}]}}"#),
    (#"{"u":1,"a":"\"u\":2","m":"\\","u":3}"#, #"{"u":1,"m":"\\","u":3}"#),
    (#"{"text":"long enough to be looked at by words, with \\\" and ü","u":-1.5e3}"#, #"{"u":-1.5e3}"#),
  ])
  func wantedMembersAreKeptAsTheyAreSpelled(_ text: String, _ kept: String) {
    #expect(Self.kept(text) == kept)
  }

  /// Whoever asks reads them in the usual way, which says what is wrong.
  @Test(arguments: [
    "", "1", "[1]", "{", #"{"u"#, #"{"u""#, #"{"u":"#, #"{"u":1"#, #"{"u":[1"#, #"{"u":"1"#, #"{"\u0075":1}"#,
    #"{"u":"\"#, #"{u:1}"#,
  ])
  func whatIsNoWholePlainObjectIsLeft(_ text: String) {
    #expect(Self.kept(text) == nil)
  }

  @Test func noCutOfADocumentIsATrap() {
    let text = Array(#"{"a":[{"b":"c\\d"},{}],"u":{"x":"\"}"},"m":[1,2]}"#.utf8)
    for end in text.indices {
      #expect(JSONSkim.members(of: text.span.extracting(0..<end)) { _ in true } == nil)
    }
  }
}
