/// Whose connection it really is, as a proxy says before the first request.
package struct ProxiedAddress: Equatable, Sendable {
  /// A numeric address, not looked at further.
  package let host: String
  package let port: UInt16
}

package enum ProxyProgress: Equatable, Sendable {
  case needsMore
  /// nil: the proxy speaks for itself, or does not know.
  case complete(ProxiedAddress?)
  case refused(RequestFault)
}

/// The line or block a proxy puts before the bytes of its client: the PROXY protocol in its two versions.
///
/// Where it is expected it is required: what anybody may leave out, anybody may send.
package struct ProxyHeader: Sendable {
  package enum Versions: Sendable, Equatable {
    case first, second, either
  }

  /// The specification's longest first version, with its line end.
  private static let longestLine = 107
  /// Far more than addresses and the extensions that are in use take.
  private static let longestBlock = 4096
  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

  private let versions: Versions

  package init(_ versions: Versions) {
    self.versions = versions
  }

  /// Takes it from the front of the queue once it is there as a whole.
  package func advance(_ input: inout ByteQueue) -> ProxyProgress {
    var taken = 0
    let address: ProxiedAddress??
    do throws(RequestFault) {
      address = try self.read(input.span, &taken)
    } catch {
      return .refused(error)
    }
    guard let address else { return .needsMore }
    input.consume(taken)
    return .complete(address)
  }

  /// nil: it is not here as a whole.
  private func read(_ bytes: Span<UInt8>, _ taken: inout Int) throws(RequestFault) -> ProxiedAddress?? {
    if bytes.isEmpty { return nil }
    switch bytes[0] {
    case UInt8(ascii: "P") where self.versions != .second: return try Self.line(bytes, &taken)
    case 13 where self.versions != .first: return try Self.block(bytes, &taken)
    default: throw Self.missing
    }
  }

  // MARK: - The first version: a line of text

  private static func line(_ bytes: Span<UInt8>, _ taken: inout Int) throws(RequestFault)
    -> ProxiedAddress??
  {
    let most = min(bytes.count, Self.longestLine)
    for index in 0..<min(most, 6) where bytes[index] != Array("PROXY ".utf8)[index] {
      throw Self.missing
    }
    var end = 0
    while end < most, bytes[end] != 10 { end += 1 }
    if end == most {
      if most == Self.longestLine { throw Self.invalid }
      return nil
    }
    guard end > 6, bytes[end - 1] == 13 else { throw Self.invalid }
    taken = end + 1
    let text = HTTPBytes.string(bytes.extracting(6..<end - 1))
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    switch words.first {
    case "UNKNOWN": return .some(nil)
    case "TCP4", "TCP6":
      guard words.count == 5, let port = Self.port(words[3]), Self.port(words[4]) != nil else {
        throw Self.invalid
      }
      let isSixth = words[0] == "TCP6"
      guard Self.isAddress(words[1], isSixth), Self.isAddress(words[2], isSixth) else {
        throw Self.invalid
      }
      return ProxiedAddress(host: String(words[1]), port: port)
    default: throw Self.invalid
    }
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(HTTPBytes.isDigit),
      text.utf8.count == 1 || text.first != "0"
    else { return nil }
    return UInt16(text)
  }

  /// Only its alphabet: whoever uses it reads it.
  private static func isAddress(_ text: Substring, _ isSixth: Bool) -> Bool {
    guard !text.isEmpty, isSixth == text.utf8.contains(UInt8(ascii: ":")) else { return false }
    return text.utf8.allSatisfy { byte in
      HTTPBytes.isDigit(byte) || byte == UInt8(ascii: ".")
        || isSixth && (byte == UInt8(ascii: ":") || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66)
    }
  }

  // MARK: - The second version: a block

  private static func block(_ bytes: Span<UInt8>, _ taken: inout Int) throws(RequestFault)
    -> ProxiedAddress??
  {
    for index in 0..<min(bytes.count, Self.signature.count)
    where bytes[index] != Self.signature[index] {
      throw Self.missing
    }
    guard bytes.count >= 16 else { return nil }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    guard bytes[12] >> 4 == 2, bytes[12] & 0x0F <= 1, length <= Self.longestBlock else {
      throw Self.invalid
    }
    guard bytes.count >= 16 + length else { return nil }
    taken = 16 + length
    // A proxy's own connection, such as a health check: its address is not told.
    if bytes[12] & 0x0F == 0 { return .some(nil) }
    switch bytes[13] {
    case 0x00: return .some(nil)
    case 0x11 where length >= 12:
      let host = (16..<20).map { "\(bytes[$0])" }.joined(separator: ".")
      return ProxiedAddress(host: host, port: UInt16(bytes[24]) << 8 | UInt16(bytes[25]))
    case 0x21 where length >= 36:
      let groups = stride(from: 16, to: 32, by: 2).map { at in
        String(UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]), radix: 16)
      }
      return ProxiedAddress(
        host: groups.joined(separator: ":"), port: UInt16(bytes[48]) << 8 | UInt16(bytes[49]))
    default: throw Self.invalid
    }
  }

  private static let missing = RequestFault(
    400, "The PROXY header that must come first is missing.")
  private static let invalid = RequestFault(400, "The PROXY header is not valid.")
}
