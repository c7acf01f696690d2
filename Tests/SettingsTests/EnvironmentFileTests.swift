import Testing

@testable import Settings

/// `KEY=value` files: what systemd reads, read the same way; the left column was also given to systemd 252 itself.
@Suite struct EnvironmentFileTests {
  @Test(
    "a value is read as systemd reads it",
    arguments: [
      ("A=plain value   \n", "plain value"),
      ("A=  lead\n", "lead"),
      (#"A="double \"q\" \\ \x \` end"   "# + "\n", #"double "q" \ \x ` end"#),
      (#"A='single "q" \n'"#, #"single "q" \n"#),
      (##"A=esc\aped \# x"##, "escaped # x"),
      ("A=cont\\\ninued\n", "continued"),
      ("A=\"multi\nline\"\n", "multi\nline"),
      ("A=\"a\\\nb\"\n", "ab"),
      ("A='a\\\nb'\n", "a\\\nb"),
      (#"A=a"b"c"#, #"a"b"c"#),
      (#"A="a"b"#, "ab"),
      (#"A="a" "b""#, "ab"),
      ("A='x''y'", "xy"),
      ("A=tail\\ \n", "tail "),
      ("A=a \\\n", "a "),
      ("A=a;b\n", "a;b"),
      ("A=#hash\n", "#hash"),
      (##"A="x"#y"##, "x#y"),
      ("A=crlf\r\n", "crlf"),
      ("A=\"crlf q\"\r\n", "crlf q"),
      ("A=a\tb \t\r\n", "a\tb"),
      ("A = spaced key\n", "spaced key"),
      ("   A=indented\n", "indented"),
      ("# c\n; c\n\nA=x", "x"),
      ("A=\n", ""),
      ("A=\"\"\n", ""),
      ("A=a=b\n", "a=b"),
      ("A=\u{00E4}\u{4E2D}\n", "\u{00E4}\u{4E2D}"),
    ])
  func value(text: String, expected: String) {
    let file = EnvironmentFile(path: "f", bytes: Array(text.utf8))
    #expect(file.assignments.map(\.value) == [expected])
    #expect(file.assignments.map(\.key) == ["A"])
    #expect(file.faults.isEmpty && file.remarks.isEmpty)
  }

  @Test(
    "what old .env files hold besides is understood",
    arguments: [
      ("export A=x\n", "x"),
      ("export\tA=\"x y\"\n", "x y"),
      ("A=a # comment\n", "a"),
      ("A=a\t# comment \\\n", "a"),
      ("A=a#b # c\n", "a#b"),
      ("A= # comment\n", ""),
      ("A=\"a # b\" # comment\n", "a # b"),
      ("A='a' #c\n", "a"),
      ("\u{FEFF}A=x\n", "x"),
      ("# a comment ends with its line \\\nA=x\n", "x"),
      ("A=a\rB", "a"),
    ])
  func extensions(text: String, expected: String) {
    let file = EnvironmentFile(path: "f", bytes: Array(text.utf8))
    #expect(file.assignments.map(\.value) == [expected])
    #expect(file.assignments.map(\.key) == ["A"])
    #expect(file.faults.isEmpty)
  }

  @Test("an assignment knows the line its key stands in")
  func lines() {
    let text = "# c\nA=1\r\n\nB='x\ny'\nC=a\\\nb\nD=2\n"
    let file = EnvironmentFile(path: "dir/f.env", bytes: Array(text.utf8))
    #expect(file.assignments.map(\.key) == ["A", "B", "C", "D"])
    #expect(file.assignments.map(\.place.line) == [2, 4, 6, 8])
    #expect(file.assignments.allSatisfy { $0.place.file == "dir/f.env" })
  }

  @Test(
    "what cannot be read is refused with its line",
    arguments: [
      ([UInt8]("A=1\nB=\"open\nC=2\n".utf8), 2, "closing quote"),
      ([UInt8]("A=1\n\nB='open".utf8), 3, "closing quote"),
      ([UInt8]("A=\"ends in an escape\\".utf8), 1, "closing quote"),
      ([UInt8]("A=1\nB=x\u{0}y\n".utf8), 2, "NUL"),
      ([UInt8]("A=1\nB=".utf8) + [0xC3, 0x28, 0x0A], 2, "UTF-8"),
      ([0xFF, 0xFE, 0x41, 0x00], 1, "NUL"),
    ])
  func refused(bytes: [UInt8], line: Int, word: String) throws {
    let file = EnvironmentFile(path: "f", bytes: bytes)
    let fault = try #require(file.faults.first)
    #expect(fault.line == line)
    #expect(fault.description.contains(word))
  }

  @Test(
    "a line that is no assignment is skipped with a warning", arguments: ["A\n", "1X=y\n", "A-B=c\n", "=x\n"])
  func skipped(text: String) {
    let file = EnvironmentFile(path: "f", bytes: Array("OK=1\n\(text)LAST=2\n".utf8))
    #expect(file.assignments.map(\.key) == ["OK", "LAST"])
    #expect(file.remarks.map(\.place.line) == [2])
  }

  @Test("any bytes at all are read or refused, and every line number is one of the file's", arguments: 0..<40)
  func anything(seed: Int) {
    var random = SeededRandom(state: UInt64(seed))
    let likely = Array("AB=\"'\\#; \t\r\n$`x".utf8) + [0xEF, 0xBB, 0xBF, 0xC3, 0]
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
        Bool.random(using: &random)
          ? likely.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
      }
      let lines = 1...(1 + bytes.count { $0 == 0x0A || $0 == 0x0D })
      let file = EnvironmentFile(path: "f", bytes: bytes)
      #expect(file.assignments.allSatisfy { lines.contains($0.place.line) })
      #expect(file.faults.allSatisfy { lines.contains($0.line) })
      _ = Settings.resolve(ConfigurationSources(files: [.init(path: "f", bytes: bytes)]))
    }
  }
}
