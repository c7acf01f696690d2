import Foundation
import Testing

@testable import Platform

/// Files as bytes, without reading them.
@Suite struct MappedFileTests {
  /// A folder of its own, until it is removed.
  private struct Folder {
    private let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    init() throws {
      try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(at: self.url) }

    func path(_ name: String) -> String { self.url.appending(path: name).path }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
      try Data(bytes).write(to: self.url.appending(path: name))
      return self.path(name)
    }
  }

  private func read(_ file: MappedFile) -> [UInt8] { file.bytes.withUnsafeBytes { Array($0) } }

  @Test("what is mapped is what was written, to the last byte", arguments: [1, 4095, 4096, 4097, 100_000])
  func whole(count: Int) throws {
    let written = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let folder = try Folder()
    defer { folder.remove() }
    let file = try MappedFile(path: try folder.write(written, "f"))
    #expect(file.bytes.byteCount == count)
    #expect(self.read(file) == written)
  }

  @Test("a file that is not there, a folder and an empty file are errors that say so")
  func nothing() throws {
    let folder = try Folder()
    defer { folder.remove() }
    #expect(throws: Errno.noSuchFile) { try MappedFile(path: folder.path("missing")) }
    #expect(throws: Errno.noSuchFile) { try MappedFile(path: "") }
    let empty = try folder.write([], "empty")
    #expect(throws: Errno(code: EINVAL)) { try MappedFile(path: empty) }
    #expect(throws: Errno.self) { try MappedFile(path: folder.path("")) }
    let plain = try folder.write([1], "plain")
    #expect(throws: Errno(code: ENOTDIR)) { try MappedFile(path: plain + "/below") }
  }

  @Test("a file that is replaced or removed while it is mapped stays as it was")
  func replaced() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let old = Array(repeating: UInt8(0x6F), count: 10_000)
    let new = Array(repeating: UInt8(0x6E), count: 20_000)
    let path = try folder.write(old, "tables")
    let before = try MappedFile(path: path)
    #expect(rename(try folder.write(new, "tables.new"), path) == 0)
    let after = try MappedFile(path: path)
    #expect(self.read(before) == old)
    #expect(self.read(after) == new)
    try FileManager.default.removeItem(atPath: path)
    #expect(self.read(before) == old)
    #expect(self.read(after) == new)
    #expect(throws: Errno.noSuchFile) { try MappedFile(path: path) }
  }

  @Test("a mapping is gone with its file, and holds no descriptor before")
  func released() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let path = try folder.write(Array(repeating: 7, count: 5000), "only")
    func isMapped() throws -> Bool {
      // Not in one read: the file has no size of its own, and is longer than a page.
      let maps = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
      return String(decoding: try #require(try maps.readToEnd()), as: UTF8.self).contains(path)
    }
    func isOpen() throws -> Bool {
      let descriptors = "/proc/self/fd"
      return try FileManager.default.contentsOfDirectory(atPath: descriptors).contains {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")) == path
      }
    }
    var file: MappedFile? = try MappedFile(path: path)
    #expect(file?.bytes.byteCount == 5000)
    #expect(try isMapped())
    #expect(try !isOpen())
    file = nil
    #expect(try !isMapped())
  }
}
