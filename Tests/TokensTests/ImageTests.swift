import Foundation
import Testing
import Wire

@testable import Tokens

@Suite struct ImageTests {
  static let png: [UInt8] =
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52] + [
      0, 0, 4, 0, 0, 0, 2, 0,
    ]
    + [8, 2, 0, 0, 0]
  static let gif: [UInt8] = Array("GIF89a".utf8) + [0x40, 0x01, 0xF0, 0x00, 0, 0, 0]
  /// An application segment with a length, another with a thumbnail's markers inside, then the frame header.
  static let jpeg: [UInt8] =
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 1, 2, 3, 4, 0xFF, 0xE1, 0, 8, 0xFF, 0xC0, 0, 9, 9, 9]
    + [0xFF, 0xC2, 0, 17, 8, 0x03, 0x00, 0x04, 0x00, 3, 0, 0, 0, 0]
  static let lossy: [UInt8] =
    Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8 ".utf8) + [0, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A]
    + [0x20, 0x03, 0x58, 0x02, 0, 0]
  static let extended: [UInt8] =
    Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0] + [
      0x1F, 3, 0, 0x57, 2, 0,
    ]
  static let lossless: [UInt8] =
    Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8L".utf8) + [10, 0, 0, 0, 0x2F] + [
      0x1F, 0xC3, 0x95, 0x00, 0, 0,
    ]

  static let cases: [([UInt8], Int, Int)] = [
    (png, 1024, 512), (gif, 320, 240), (jpeg, 1024, 768), (lossy, 800, 600), (extended, 800, 600),
    (lossless, 800, 600),
  ]

  private func size(_ text: String) throws -> ImageSize? {
    let document = try JSONDocument(String(data: JSONEncoder().encode(text), encoding: .utf8) ?? "")
    return MediaBytes(document.root).flatMap { ImageSize($0) }
  }

  @Test("the size is read from the head of the data", arguments: Self.cases)
  func sizes(data: [UInt8], width: Int, height: Int) throws {
    let text = Data(data).base64EncodedString()
    #expect(try self.size(text) == ImageSize(width, height))
    #expect(try self.size("data:image/x;base64,\(text)") == ImageSize(width, height))
  }

  @Test("data cut anywhere has a size or none, and no trap", arguments: Self.cases)
  func cut(data: [UInt8], width: Int, height: Int) throws {
    for count in data.indices {
      let found = try self.size(Data(data.prefix(count)).base64EncodedString())
      #expect(found == nil || found == ImageSize(width, height) || count >= 16)
    }
  }

  @Test(
    "what is no image data has no size",
    arguments: ["", "A", "====", "https://example.com/a.png", "data:x,y"])
  func none(text: String) throws {
    #expect(try self.size(text) == nil)
  }

  @Test(
    "an image is as many tokens as the vendor's examples say",
    arguments: [
      ("gpt-4o", 1024, 1024, false, 765), ("gpt-4o", 2048, 4096, false, 1105),
      ("gpt-4.1", 4096, 8192, true, 85),
      ("gpt-4.1-mini", 1024, 1024, false, 1659), ("gpt-4.1-mini", 1800, 2400, false, 2353),
      ("gpt-5", 512, 512, false, 210), ("claude-sonnet-4-5", 200, 200, false, 54),
      ("claude-sonnet-4-5", 1000, 1000, false, 1334), ("claude-sonnet-4-5", 1092, 1092, false, 1590),
      ("claude-sonnet-4-5", 8000, 8000, false, 1600), ("gpt-4o", 1, 16_000_000, false, 765),
    ])
  func prices(model: String, width: Int, height: Int, isLow: Bool, tokens: Int) throws {
    let size = try #require(ImageSize(width, height))
    let counted = ModelFamily(model: model).tokens(size, isLowDetail: isLow)
    if width > 1 { #expect(counted == tokens) } else { #expect(counted > 0) }
  }
}
