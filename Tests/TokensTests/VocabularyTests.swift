import Foundation
import Platform
import Testing

@testable import Tokens

@Suite struct VocabularyTests {
  private func bytes() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Tables.path(.cl100k))))
  }

  @Test("the tables of the tree are what their names say", arguments: EncodingName.allCases)
  func names(name: EncodingName) throws {
    let vocabulary = try Tables.vocabulary(name)
    #expect(vocabulary.name == name)
    #expect(vocabulary.specials.contains { $0.text == Array("<|endoftext|>".utf8) })
  }

  @Test("other files are refused by what is wrong with them")
  func refused() throws {
    let good = try self.bytes()
    #expect(throws: VocabularyFault.notTokens) { try HeldBytes([]).vocabulary() }
    #expect(throws: VocabularyFault.notTokens) {
      try HeldBytes(Array(repeating: 0x20, count: 9000)).vocabulary()
    }
    #expect(throws: VocabularyFault.damaged) { try HeldBytes(Array(good.dropLast())).vocabulary() }
    #expect(throws: VocabularyFault.damaged) { try HeldBytes(good + [0]).vocabulary() }
    var other = good
    other[8] = 9
    #expect(throws: VocabularyFault.version(9)) { try HeldBytes(other).vocabulary() }
    for section in 0..<9 {
      var moved = good
      moved[72 + section * 16 + 6] = 1
      #expect(throws: VocabularyFault.damaged, "section \(section)") { try HeldBytes(moved).vocabulary() }
    }
    #expect(throws: Never.self) { try HeldBytes(good).vocabulary() }
  }

  @Test("a mapped file that is cut off or of another version is refused, and one in its place is taken")
  func mapped() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: EncodingName.cl100k.fileName)
    let good = try self.bytes()
    func open(_ bytes: [UInt8]) throws -> Vocabulary {
      try Data(bytes).write(to: file, options: .atomic)
      let mapped = try MappedFile(path: file.path)
      return try Vocabulary(mapped.bytes, keeping: mapped)
    }
    for count in [1, 4095] {
      #expect(throws: VocabularyFault.notTokens) { try open(Array(good.prefix(count))) }
    }
    for count in [4096, 4097, good.count / 2, good.count - 1] {
      #expect(throws: VocabularyFault.damaged) { try open(Array(good.prefix(count))) }
    }
    var older = good
    older[8] = 0
    #expect(throws: VocabularyFault.version(0)) { try open(older) }
    let vocabulary = try open(good)
    // Another file in its place changes nothing for who has mapped this one.
    #expect(throws: VocabularyFault.notTokens) { try open(Array(repeating: 0, count: good.count)) }
    #expect(TokenScratch(vocabulary).encode(Array("hello world".utf8).span) == [15339, 1917])
  }

  @Test("a table with damaged contents counts wrongly at worst: no trap, and an end")
  func damaged() throws {
    let good = try self.bytes()
    var generator = SystemRandomNumberGenerator()
    let text =
      Array("The quick brown fox's 12345 naïve 日本語 \t\n {}[] jumps'll".utf8)
      + Array(repeating: 0x78, count: 90)
    for round in 0..<3 {
      var bad = good
      for _ in 0..<100_000 {
        let place = Int.random(in: 4096..<bad.count - 2048, using: &generator)
        bad[place] = round % 3 == 0 ? 0 : round % 3 == 1 ? 0xFF : UInt8.random(in: 0...255, using: &generator)
      }
      guard let vocabulary = try? HeldBytes(bad).vocabulary() else { continue }
      #expect(TokenScratch(vocabulary).count(text.span) >= 0)
    }
  }
}
