import Testing

@testable import Wire

/// A document that was read into again is the one a fresh reading gives, whatever stood in it before.
@Suite struct TapeRevisionTests {
  private static func facts(_ document: JSONDocument) -> [String] {
    document.nodes.map { "\($0.kind) \($0.start) \($0.end) \($0.next) \($0.flags)" }
  }

  private func expectSame(_ first: String, _ second: String) {
    let document = JSONDocument()
    try? document.read(first.utf8Span.span)
    let again = Result { try document.read(second.utf8Span.span) }
    guard let fresh = try? JSONDocument(second) else {
      #expect(throws: JSONError.self) { try again.get() }
      #expect(document.root.isNull)
      return
    }
    #expect(throws: Never.self) { try again.get() }
    #expect(Self.facts(document) == Self.facts(fresh), "\(first) then \(second)")
    #expect(document.bytes == fresh.bytes)
  }

  private static let texts = [
    #"{"a":"","b":[1,{"c":"x"}]}"#, #"{"a":"longer","b":[1,{"c":"x"}]}"#, #"{"a":"","b":[1,{"c":"yy"}]}"#,
    #"{"a":"\"","b":[1,{"c":"\ud83d"}]}"#, #"{"a":"é","b":[1,{"c":"漢"}]}"#, #"{"a":"","b":[1,{"cc":"x"}]}"#,
    #"{"a":"","b":[2,{"c":"x"}]}"#, #"{"a":"","b":[1,{"c":"x"}],"d":""}"#, #"{"a":null,"b":[1,{"c":"x"}]}"#,
    #"{"a":"","b":[1,{"c":"x"}]"#, #"{"a":"\x","b":[1,{"c":"x"}]}"#, #"{"a":"","b":[1,{"c":"x}]}"#, "null",
    #""x""#,
    #""y""#, #"["",""]"#, #"["a","b"]"#, #"["","a","b","c","d","e"]"#, #"["x","ab","bc","cd","de","ef"]"#, "",
    #"{"a":"","b":[1,{"c":"x"}]} "#, #"{"a":"x","a":"y"}"#, #"{"a":"y","a":"x"}"#, #"["a","b"]]"#,
  ]

  @Test func eachTextAfterEachOther() {
    for first in Self.texts {
      for second in Self.texts { self.expectSame(first, second) }
    }
  }

  @Test func malformedUTF8IsStillRefused() {
    let document = JSONDocument()
    try? document.read(#"{"a":"x","b":"y"}"#.utf8Span.span)
    for bytes: [UInt8] in [[0xC3], [0xFF], [0xE6, 0xBC], [0xED, 0xA0, 0x80]] {
      let text = Array(#"{"a":""#.utf8) + bytes + Array(#"","b":"y"}"#.utf8)
      #expect { try document.read(text.span) } throws: { ($0 as? JSONError)?.reason == .badUTF8 }
    }
  }

  @Test func randomChangesOfStrings() {
    var random = Seeded(state: 11)
    let contents = [
      "", "a", "ab", "abc", #"\n"#, #"\\"#, "é", #"\ud83d"#, #"\ud83d\ude00"#, "漢字", #"\""#, #"\q"#,
    ]
    func text() -> String {
      let parts = (0..<6).map { _ in "\"\(contents.randomElement(using: &random) ?? "")\"" }
      return
        #"{"k":\#(parts[0]),"l":[\#(parts[1]),{"m":\#(parts[2])},[]],\#(parts[3]):{"n":[[\#(parts[4])]]},"o":\#(parts[5])}"#
    }
    for _ in 0..<3000 { self.expectSame(text(), text()) }
  }

  /// Only what stands inside the place may have changed.
  @Test func aPlaceHoldsWhileEverythingElseStays() throws {
    let document = JSONDocument()
    try document.read(#"{"id":"1","delta":{"content":"a"},"n":"x"}"#.utf8Span.span)
    let place = document.place(of: try #require(document.root["delta"]))
    try document.read(#"{"id":"1","delta":{"content":"bcd"},"n":"x"}"#.utf8Span.span)
    #expect(document.value(at: place)?["content"]?.string == "bcd")
    try document.read(#"{"id":"2","delta":{"content":"bcd"},"n":"x"}"#.utf8Span.span)
    #expect(document.value(at: place) == nil)
    try document.read(#"{"delta":{"content":"bcd"},"id":"2"}"#.utf8Span.span)
    #expect(document.value(at: place) == nil)
  }
}

extension TapeRevisionTests {
  @Test func anObjectInAStringIsWrittenAsOne() throws {
    var scratch = JSONScratch()
    for (content, expected) in [
      (#"{\"a\":1}"#, #"[0,{"a":1},2]"#), (#" \n{\"a\":\"\\\"\"} "#, #"[0,{"a":"\""},2]"#), ("[1]", "[0,2]"),
      (#"{\"a\":}"#, "[0,2]"), ("", "[0,2]"), (#"{\"a\":\"\ud83d\"}"#, #"[0,{"a":"\#u{FFFD}"},2]"#),
    ] {
      var writer = JSONWriter()
      writer.beginArray()
      writer.integer(0)
      let isObject = writer.object(spelledBy: content.utf8Span.span, tape: &scratch)
      writer.integer(2)
      writer.endArray()
      #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
      #expect(isObject == (expected != "[0,2]"))
    }
  }
}
