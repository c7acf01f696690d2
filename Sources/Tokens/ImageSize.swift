/// The size of an image in pixels, as its data says in front.
struct ImageSize: Equatable {
  let width: Int
  let height: Int

  init?(_ width: Int, _ height: Int) {
    guard width > 0, height > 0, width <= 1 << 24, height <= 1 << 24 else { return nil }
    self.width = width
    self.height = height
  }

  init?(_ data: MediaBytes) {
    let size =
      if data[0] == 0x89 && data.holds("PNG\r\n", at: 1) {
        data.holds("IHDR", at: 12) ? Self(data.bigEndian(16, 4), data.bigEndian(20, 4)) : nil
      } else if data.holds("GIF8", at: 0) {
        Self(data.littleEndian(6, 2), data.littleEndian(8, 2))
      } else if data.holds("RIFF", at: 0), data.holds("WEBP", at: 8) {
        Self.webP(data)
      } else if data[0] == 0xFF, data[1] == 0xD8 {
        Self.jpeg(data)
      } else {
        nil as Self?
      }
    guard let size else { return nil }
    self = size
  }

  /// RFC 9649, section 2: the three kinds of first chunk.
  private static func webP(_ data: MediaBytes) -> Self? {
    if data.holds("VP8X", at: 12) {
      return Self(data.littleEndian(24, 3) + 1, data.littleEndian(27, 3) + 1)
    }
    if data.holds("VP8L", at: 12), data[20] == 0x2F {
      let bits = data.littleEndian(21, 4)
      return Self(bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
    }
    if data.holds("VP8 ", at: 12), data[23] == 0x9D, data[24] == 0x01, data[25] == 0x2A {
      return Self(data.littleEndian(26, 2) & 0x3FFF, data.littleEndian(28, 2) & 0x3FFF)
    }
    return nil
  }

  /// Segments are skipped by their lengths up to the frame header (ITU T.81, B.2.2); photographs put previews first.
  private static func jpeg(_ data: MediaBytes) -> Self? {
    var offset = 2
    for _ in 0..<512 {
      guard offset + 9 <= data.count, data[offset] == 0xFF else { return nil }
      let marker = data[offset + 1]
      switch marker {
      case 0xFF:
        offset += 1
      case 0x01, 0xD0...0xD7:
        offset += 2
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        return Self(data.bigEndian(offset + 7, 2), data.bigEndian(offset + 5, 2))
      case 0xD9, 0xDA:
        return nil
      default:
        let length = data.bigEndian(offset + 2, 2)
        guard length >= 2 else { return nil }
        offset += 2 + length
      }
    }
    return nil
  }
}
