/// Base64 (RFC 4648): the URL alphabet without padding for envelopes, the usual one for attachments.
package enum Base64 {
  private static let urlAlphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  package static func encodeURL(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 3 * 4 + 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for index in 0...group.count {
        output.append(self.urlAlphabet[Int(bits >> UInt32(18 - 6 * index)) & 63])
      }
    }
    return output
  }

  /// Accepts both alphabets, white space and missing padding; nil for anything else.
  package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var isPadded = false
    for byte in text {
      let digit: UInt32
      switch byte {
      case 0x41...0x5A: digit = UInt32(byte - 0x41)
      case 0x61...0x7A: digit = UInt32(byte - 0x61) + 26
      case 0x30...0x39: digit = UInt32(byte - 0x30) + 52
      case 0x2B, 0x2D: digit = 62
      case 0x2F, 0x5F: digit = 63
      case 0x3D:
        isPadded = true
        continue
      case 0x20, 0x09, 0x0A, 0x0D: continue
      default: return nil
      }
      if isPadded { return nil }
      bits = (bits << 6 | digit) & 0xFF_FFFF
      count += 1
      if count % 4 == 0 {
        output += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
      }
    }
    switch count % 4 {
    case 0: break
    case 2: output.append(UInt8(bits >> 4 & 255))
    case 3: output += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
    default: return nil
    }
    return output
  }
}
