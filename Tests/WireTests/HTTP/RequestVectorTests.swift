import Foundation
import Testing

@testable import Wire

/// One file of bytes and the sidecar that says what they are; `UPDATE_GOLDENS=1` rewrites the sidecar.
struct RequestVector: CustomTestStringConvertible, Sendable {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/requests")

  let kind: String
  let name: String

  var testDescription: String { "\(self.kind)/\(self.name)" }
  private var base: URL { Self.folder.appending(path: self.kind).appending(path: self.name) }
  private var sidecar: URL { self.base.appendingPathExtension("expected") }

  static func all(_ kind: String) -> [RequestVector] {
    let files =
      (try? FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: kind).path())) ?? []
    return files.filter { $0.hasSuffix(".http") }.sorted().map {
      RequestVector(kind: kind, name: String($0.dropLast(5)))
    }
  }

  func bytes() throws -> [UInt8] {
    Array(try Data(contentsOf: self.base.appendingPathExtension("http")))
  }

  func expected(or seen: String) throws -> String {
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try Data(seen.utf8).write(to: self.sidecar)
    }
    return String(decoding: try Data(contentsOf: self.sidecar), as: UTF8.self)
  }
}

/// A small generator with a seed, so that a failing cut can be cut again.
struct SeededCuts: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (self.state ^ (self.state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    let longest = Int.random(in: 1...max(2, bytes.count), using: &self)
    while !rest.isEmpty {
      let count = Int.random(in: 1...longest, using: &self)
      pieces.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return pieces
  }
}

@Suite struct RequestVectorTests {
  private func byLine(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      pieces.append(bytes[start...index])
      start = index + 1
    }
    return pieces + [bytes[start...]]
  }

  private func check(_ vector: RequestVector) throws -> String {
    let bytes = try vector.bytes()
    let whole = RequestReading.transcript(of: [bytes[...]])
    #expect(try whole == vector.expected(or: whole), "whole")
    #expect(RequestReading.transcript(of: self.byLine(bytes)) == whole, "by line")
    #expect(RequestReading.transcript(of: bytes.indices.map { bytes[$0...$0] }) == whole, "by byte")
    for seed in 0..<100 as Range<UInt64> {
      var cuts = SeededCuts(state: seed)
      #expect(RequestReading.transcript(of: cuts.pieces(of: bytes)) == whole, "random cuts with seed \(seed)")
    }
    return whole
  }

  @Test(arguments: RequestVector.all("valid")) func aValidRequestIsReadHoweverItIsCut(_ vector: RequestVector)
    throws
  {
    #expect(try !self.check(vector).contains("refused"))
  }

  @Test(arguments: RequestVector.all("invalid"))
  func anInvalidRequestIsRefusedHoweverItIsCut(_ vector: RequestVector) throws {
    let last = try self.check(vector).split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("refused ") && last.hasSuffix("."))
  }

  @Test func noVectorIsMissed() {
    #expect(RequestVector.all("valid").count > 50)
    #expect(RequestVector.all("invalid").count > 150)
  }
}
