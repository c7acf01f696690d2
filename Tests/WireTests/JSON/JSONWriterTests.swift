import Testing
import Wire

@Suite struct JSONWriterTests {
  private func text(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func commasStandBetweenValuesOnly() {
    let written = self.text {
      $0.beginObject()
      $0.key("a")
      $0.beginArray()
      $0.integer(1)
      $0.beginObject()
      $0.endObject()
      $0.null()
      $0.bool(true)
      $0.endArray()
      $0.key(text: "b\"")
      $0.string("x\ny")
      $0.endObject()
    }
    #expect(written == #"{"a":[1,{},null,true],"b\"":"x\ny"}"#)
  }

  @Test(arguments: [0, 7, 10, -1, 99_999_999, 100_000_000, -123_456_789_012, Int.max, Int.min])
  func integersAreSpelledOut(_ value: Int) {
    #expect(self.text { $0.integer(value) } == String(value))
  }

  @Test func everyScalarSurvivesEscaping() throws {
    let all = (0...0x2FF).compactMap(Unicode.Scalar.init).map(String.init).joined() + "😀\u{2028}\u{FFFF}"
    let written = self.text { $0.string(all) }
    #expect(try JSONDocument(written).root.string == all)
  }

  @Test func valuesAreCopiedAsTheyCame() throws {
    let source = try JSONDocument(#"{"n": 1.50e+01, "s": "\u0041\/", "o": {"b" : [1 , "a b"], "a":2}}"#).root
    let written = try self.text { writer in
      writer.beginArray()
      writer.raw(try #require(source["n"]))
      writer.raw(try #require(source["s"]))
      writer.compact(try #require(source["o"]))
      writer.endArray()
    }
    #expect(written == #"[1.50e+01,"\u0041\/",{"b":[1,"a b"],"a":2}]"#)
  }

  @Test func splicesStandWhereTheyWereMade() throws {
    let source = try JSONDocument(#"["AAAA"]"#)
    let content = try #require(source.root.elements.first { _ in true }?.content)
    var writer = JSONWriter(splicingFrom: source, threshold: 4)
    writer.beginArray()
    writer.beginString()
    writer.fragment("data:")
    writer.fragment(source, content)
    writer.endString()
    writer.endArray()
    #expect(writer.pieces == [.own(0..<7), .source(content), .own(7..<9)])
    #expect(String(decoding: writer.joined, as: UTF8.self) == #"["data:AAAA"]"#)
  }

  private func text(_ write: (inout JSONWriter) throws -> Void) throws -> String {
    var writer = JSONWriter()
    try write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
