import Foundation
import Platform
import Testing

@testable import Tokens

/// The tables of the source tree.
enum Tables {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Data")

  static func path(_ name: EncodingName) -> String { self.folder.appending(path: name.fileName).path }

  static func vocabulary(_ name: EncodingName) throws -> Vocabulary {
    let file = try MappedFile(path: self.path(name))
    return try Vocabulary(file.bytes, keeping: file)
  }

  static func all() throws -> Vocabularies { Vocabularies(try EncodingName.allCases.map(self.vocabulary)) }
}

/// Bytes in memory that stand for a mapped file.
final class HeldBytes: Sendable {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func vocabulary() throws -> Vocabulary {
    try self.bytes.withUnsafeBytes { try Vocabulary(RawSpan(_unsafeBytes: $0), keeping: self) }
  }
}
