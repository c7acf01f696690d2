import Testing
import Wire

@Suite struct JSONDocumentTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-0", "1e5", "1E+5", "-1.25e-7", "\"\"", "[]", "{}", " [1 , 2]\n",
    "{\"a\":{\"b\":[null,{}]}}", "\"\\u0000\\ud83d\\ude00\\/\\b\"", "\"\\ud800\"", "\"\u{7F}\"",
    "123456789012345678901234567890", "[[[[]]]]", "\"\u{10FFFF}\u{2028}é\"", "{\"\":1,\"\":2}",
    "\t[\r\n]", "\"\\\\\"", "\"\\\"\"", "1.0", "[\"a\",\"b\"]",
  ])
  func acceptsWhatTheStandardAllows(_ text: String) throws {
    let document = try JSONDocument(text)
    #expect(document.root.rawText == text.trimmingJSONWhitespace)
  }

  @Test(arguments: [
    ("", JSONError.Reason.unexpectedEnd), (" ", .unexpectedEnd), ("[", .unexpectedEnd),
    ("{\"a\"", .unexpectedEnd), ("\"abc", .unexpectedEnd), ("tru", .unexpectedEnd), ("-", .unexpectedEnd),
    ("1.", .unexpectedEnd), ("1e", .unexpectedEnd), ("\"\\u12", .unexpectedEnd), ("\"\\", .unexpectedEnd),
    ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte),
    ("['a']", .unexpectedByte), ("[1 2]", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte),
    ("nul1", .unexpectedByte), ("[1}", .unexpectedByte), ("{]", .unexpectedByte), ("+1", .unexpectedByte),
    (".5", .unexpectedByte), ("NaN", .unexpectedByte), ("\u{FEFF}1", .unexpectedByte), ("]", .unexpectedByte),
    ("01", .trailingBytes), ("1 2", .trailingBytes), ("{}{}", .trailingBytes), ("null\0", .trailingBytes),
    ("-a", .badNumber), ("1.e5", .badNumber), ("1e+x", .badNumber),
    ("\"\\x\"", .badEscape), ("\"\\u12g4\"", .badEscape), ("\"\\U0041\"", .badEscape),
    ("\"a\nb\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter),
    ("{/**/}", .unexpectedByte), ("{1:2}", .unexpectedByte), ("{,}", .unexpectedByte),
  ])
  func refusesWhatTheStandardDoesNot(_ text: String, _ reason: JSONError.Reason) {
    let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
    #expect(error?.reason == reason)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
      [0xE2, 0x28, 0xA1],
    ] as [[UInt8]])
  func refusesMalformedUTF8(_ sequence: [UInt8]) {
    let error = #expect(throws: JSONError.self) { try JSONDocument([0x22] + sequence + [0x22]) }
    #expect(error?.reason == .badUTF8)
    #expect(error?.offset == 1)
  }

  @Test func errorsNameLineAndColumnInScalars() {
    let error = #expect(throws: JSONError.self) { try JSONDocument("{\r\n  \"é\": x}") }
    #expect(error?.line == 2)
    #expect(error?.column == 8)
  }

  @Test func aSpecialByteIsFoundAtEveryPositionOfARun() throws {
    for length in 0..<80 {
      for position in 0...length {
        var bytes = [UInt8](repeating: 0x61, count: length)
        bytes.insert(0x1F, at: position)
        let error = #expect(throws: JSONError.self) { try JSONDocument([0x22] + bytes + [0x22]) }
        #expect(error?.reason == .controlCharacter)
        #expect(error?.offset == position + 1)
        bytes[position] = 0x5C
        bytes.insert(0x22, at: position + 1)
        let document = try JSONDocument([0x22] + bytes + [0x22])
        #expect(document.root.hasEscapes)
        #expect(document.root.string?.utf8.count == length + 1)
      }
    }
  }

  @Test func depthAndSizeAreBounded() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try JSONDocument(deep, limits: JSONLimits(maxDepth: 64))
    let tooDeep = #expect(throws: JSONError.self) {
      try JSONDocument("[" + deep + "]", limits: JSONLimits(maxDepth: 64))
    }
    #expect(tooDeep?.reason == .tooDeep)
    let tooLarge = #expect(throws: JSONError.self) {
      try JSONDocument("[1,2]", limits: JSONLimits(maxBytes: 4))
    }
    #expect(tooLarge?.reason == .tooLarge)
  }

  @Test func lookupHonoursEscapesAndTakesTheLastOfARepeatedName() throws {
    let root = try JSONDocument(#"{"m\u006fdel":1,"x":2,"x":3,"n":null}"#).root
    #expect(root["model"]?.integer == 1)
    #expect(root["x"]?.integer == 3)
    #expect(root.member(named: "x")?.integer == 3)
    #expect(root["n"]?.isNull == true)
    #expect(root.present("n") == nil)
    #expect(root["missing"] == nil)
    #expect(root["x"]?["y"] == nil)
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("42", 42), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e3", nil), ("\"1\"", nil),
      ("99999999999999999999999", nil),
    ] as [(String, Int?)])
  func integersNeverOverflow(_ text: String, _ expected: Int?) throws {
    #expect(try JSONDocument(text).root.integer == expected)
  }

  @Test(arguments: [
    (#""a\n\t\"\\\/\b\f\r""#, "a\n\t\"\\/\u{8}\u{c}\r"), (#""\u00e9\ud83d\ude00x""#, "é😀x"),
    (#""\ud800x""#, "\u{FFFD}x"), (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"), (#""é\\u0041""#, "é\\u0041"),
  ])
  func stringsDecode(_ text: String, _ expected: String) throws {
    #expect(try JSONDocument(text).root.string == expected)
  }

  @Test func halfPairsAreNoticed() throws {
    #expect(try JSONDocument(#""\ud83d\ude00""#).root.hasLoneSurrogate == false)
    #expect(try JSONDocument(#""\ud83d""#).root.hasLoneSurrogate)
    #expect(endsInHalfPair(#"ab\ud83d"#))
    #expect(!endsInHalfPair(#"ab\\ud83d"#))
    #expect(endsInHalfPair(#"\\\ud83d"#))
    #expect(!endsInHalfPair(#"\ud83d\ude00"#))
  }

  @Test func everyValueKnowsItsPath() throws {
    let document = try JSONDocument(#"{"messages":[1,{"content":[{"a b":true}]}],"z":{"y":0}}"#)
    let inner = document.root["messages"]?.elements.map(\.self)[1]["content"]?.elements.first { _ in true }
    #expect(inner?.path == "messages[1].content[0]")
    #expect(inner?["a b"]?.path == #"messages[1].content[0]["a b"]"#)
    #expect(document.root["z"]?["y"]?.path == "z.y")
    #expect(document.root.path == "")
  }

  @Test func aDocumentIsReadAgainWithItsStorage() throws {
    let document = JSONDocument()
    #expect(document.root.isNull)
    try read("[1,2]", into: document)
    #expect(document.root.elements.map(\.integer) == [1, 2])
    #expect(throws: JSONError.self) { try read("[1,", into: document) }
    #expect(document.root.isNull)
    try read("{\"a\":[]}", into: document)
    #expect(document.root["a"]?.isEmptyContainer == true)
  }
}

extension String {
  fileprivate var trimmingJSONWhitespace: String {
    let blanks: Set<UInt8> = [0x20, 0x0A, 0x0D, 0x09]
    var bytes = Array(self.utf8)
    while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
    while let first = bytes.first, blanks.contains(first) { bytes.removeFirst() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

private func endsInHalfPair(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  return JSONText.endsInHalfPair(bytes.span)
}

private func read(_ text: String, into document: JSONDocument) throws {
  let bytes = Array(text.utf8)
  try document.read(bytes.span)
}
