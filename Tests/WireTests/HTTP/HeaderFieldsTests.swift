import Testing

@testable import Wire

@Suite struct HeaderFieldsTests {
  private func sample() -> HeaderFields {
    var fields = HeaderFields()
    fields.append(name: "Content-Type", value: "application/json")
    fields.append(name: "X-Many", value: "one")
    fields.append(name: "x-many", value: "two")
    fields.append(name: "Connection", value: "keep-alive, X-Private;q=1 ,, close")
    return fields
  }

  @Test func namesAreFoundInAnyCase() {
    let fields = self.sample()
    #expect(fields.count == 4)
    #expect(fields.value(of: "content-type") == "application/json")
    #expect(fields.value(of: "CONTENT-TYPE") == "application/json")
    #expect(fields.bytes(of: "X-MANY") == Array("one".utf8))
    #expect(fields.values(of: "x-many") == ["one", "two"])
    #expect(
      fields.contains("connection") && !fields.contains("content-typ") && !fields.contains("content-typf"))
    #expect(fields.value(of: "absent") == nil && fields.bytes(of: "absent") == nil)
  }

  @Test func namesThatDifferOnlyInTheirFifthBitAreNotTheSame() {
    var fields = HeaderFields()
    fields.append(name: "a^b", value: "1")
    fields.append(name: "x@", value: "no token")
    #expect(fields.count == 1)
    #expect(!fields.contains("a~b") && fields.contains("A^B"))
  }

  @Test func fieldsWithoutSpareRoomAreTheSame() {
    var fields = HeaderFields()
    fields.reserve(bytes: 2048, fields: 20)
    let sample = self.sample()
    for index in sample.indices { fields.append(copying: sample, at: index) }
    let roomy = fields
    fields.compact()
    #expect(fields == roomy && fields == sample)
    fields.append(name: "one", value: "more")
    #expect(fields.count == 5 && fields.value(of: "one") == "more" && roomy.count == 4)
  }

  @Test func listsAreReadElementByElement() {
    let fields = self.sample()
    #expect(fields.listContains("connection", "close") && fields.listContains("Connection", "KEEP-ALIVE"))
    #expect(fields.listContains("connection", "x-private"))
    #expect(!fields.listContains("connection", "clos") && !fields.listContains("connection", "alive"))
    #expect(
      fields.isDeclaredOfOneHop("x-Private".utf8Span.span)
        && !fields.isDeclaredOfOneHop("x-many".utf8Span.span))
  }

  @Test func fieldsComeInTheirOrderAndSpelling() {
    var seen: [String] = []
    self.sample().forEach { name, value in
      seen.append("\(HTTPBytes.string(name))=\(HTTPBytes.string(value))")
    }
    #expect(seen.prefix(3) == ["Content-Type=application/json", "X-Many=one", "x-many=two"])
  }

  @Test(arguments: ["a\r\nx: y", "a\nb", "a\rb", "a\0b", "\u{7}", "a\u{7F}"])
  func aValueWithAControlByteIsNotTaken(_ value: String) {
    var fields = HeaderFields()
    let isTaken = fields.append(name: "x", value: value)
    #expect(!isTaken && fields.isEmpty)
  }

  @Test(arguments: ["", "a b", "a:", "a\r\n", "ä", "\"a\""])
  func aNameThatIsNoTokenIsNotTaken(_ name: String) {
    var fields = HeaderFields()
    let isTaken = fields.append(name: name, value: "v")
    #expect(!isTaken && fields.isEmpty)
  }

  @Test func blanksAroundAValueAreLeftOut() {
    var fields = HeaderFields()
    fields.append(name: "x", value: " \t a\tb c \t")
    fields.append(name: "y", value: " \t ")
    #expect(fields.value(of: "x") == "a\tb c" && fields.value(of: "y") == "")
  }

  @Test func fieldsAreTakenOutAndCopied() {
    var fields = self.sample()
    fields.removeAll("x-MANY")
    #expect(fields.count == 2 && fields.value(of: "connection")?.hasPrefix("keep") == true)
    var other = HeaderFields()
    other.append(copying: fields, at: 1)
    #expect(other.count == 1 && other.value(of: "connection") == fields.value(of: "connection"))
    #expect(other != fields)
    other = fields
    #expect(other == fields)
  }

  /// The scans go eight bytes a step; every position, neighbour and byte must come out as byte by byte.
  @Test func bytesAreFoundAtEveryPlace() {
    let ordinary = Set("-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    for length in 0...20 {
      for place in 0..<max(length, 1) {
        for byte in UInt8.min...UInt8.max {
          for filler in [UInt8(0x20), 0x09, 0x2D, 0x5A, 0x61, 0x7E, 0x80, 0xA0, 0xFF] {
            var bytes = [UInt8](repeating: filler, count: length)
            if length > 0 { bytes[place] = byte }
            let control = bytes.firstIndex { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } ?? length
            let outside = bytes.firstIndex { !ordinary.contains($0) } ?? length
            guard HTTPBytes.firstControl(in: bytes.span, from: 0) == control,
              HTTPBytes.firstOutsideOrdinaryName(in: bytes.span, from: 0) == outside
            else {
              Issue.record("\(bytes)")
              return
            }
          }
        }
      }
    }
  }

  /// Names are compared eight bytes a step too; each byte at each place of one must be told from all others.
  @Test func namesAreTheSameInAnyCase() {
    let names: [StaticString] = ["Te", "Upgrade", "location", "Content-Length", "Proxy-Authorization"]
    for name in names {
      let own = Array(name.description.utf8)
      for place in own.indices {
        for byte in UInt8.min...UInt8.max {
          var other = own
          other[place] = byte
          let isSame = HTTPBytes.lowercase(byte) == HTTPBytes.lowercase(own[place])
          guard HTTPBytes.equal(other.span, name) == isSame else {
            Issue.record("\(name) \(place) \(byte)")
            return
          }
        }
      }
      let shorter = Array(own.dropLast())
      let isSame = HTTPBytes.equal(shorter.span, name)
      #expect(!isSame)
    }
  }

  @Test func aTokenHoldsNothingElse() {
    for length in 0...20 {
      for place in 0..<length {
        for byte in UInt8.min...UInt8.max {
          var bytes = Array(repeating: UInt8(ascii: "a"), count: length)
          bytes[length / 2] = UInt8(ascii: "_")
          bytes[place] = byte
          let isToken = HTTPBytes.isToken(bytes.span)
          guard isToken == HTTPBytes.isToken(byte) else {
            Issue.record("\(bytes)")
            return
          }
        }
      }
    }
    let none: [UInt8] = []
    let isToken = HTTPBytes.isToken(none.span)
    #expect(!isToken)
  }

  /// What is added here is written as it stands; what is told is only the value.
  @Test func anAddedFieldIsAWholeLine() {
    var fields = HeaderFields()
    fields.append(name: "x-first", value: "  one ")
    fields.append(name: "x-empty", value: "")
    var lines: [String] = []
    for index in fields.indices {
      if let line = fields.line(at: index) { lines.append(HTTPBytes.string(line)) }
    }
    #expect(lines == ["x-first: one\r\n", "x-empty: \r\n"])
    #expect(fields.value(of: "x-first") == "one" && fields.value(of: "x-empty") == "")
    #expect(fields.says("one", in: "X-First") && !fields.says("on", in: "x-first"))
  }

  @Test func tokenCharactersAreThoseOfTheGrammar() {
    let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    for byte in UInt8.min...UInt8.max { #expect(HTTPBytes.isToken(byte) == tokens.contains(byte)) }
  }
}
