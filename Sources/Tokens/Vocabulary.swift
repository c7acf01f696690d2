/// Why a file of tokens cannot be used.
package enum VocabularyFault: Error, Equatable, CustomStringConvertible {
  case notTokens
  case version(Int)
  case damaged

  package var description: String {
    switch self {
    case .notTokens: "it is not a file of tokens"
    case .version(let version): "it is of version \(version), this program reads \(TokenFileLayout.version)"
    case .damaged: "it is damaged"
    }
  }
}

/// An encoding, shared by all threads: its table stays where it was mapped and is never changed.
package final class Vocabulary: Sendable {
  /// Text with a meaning of its own, such as `<|endoftext|>`.
  package struct Special: Sendable {
    package let text: [UInt8]
    package let token: UInt32
  }

  package let name: EncodingName
  package let specials: [Special]
  private let layout: TokenFileLayout
  private let address: UInt
  private let owner: any AnyObject & Sendable

  /// Takes the bytes as they are; `owner` keeps them in place for as long as it lives.
  package init(_ bytes: RawSpan, keeping owner: any AnyObject & Sendable) throws(VocabularyFault) {
    self.layout = try TokenFileLayout(bytes)
    self.name = self.layout.name
    self.specials = try Self.specials(bytes, self.layout.specials)
    self.address = unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    self.owner = owner
  }

  /// Valid for as long as the vocabulary.
  var table: TokenTable { TokenTable(at: self.address, self.layout) }

  private static func specials(_ bytes: RawSpan, _ section: Range<Int>) throws(VocabularyFault) -> [Special] {
    var found: [Special] = []
    var offset = section.lowerBound
    while offset < section.upperBound {
      guard offset + 8 <= section.upperBound else { throw .damaged }
      let token = TokenFileLayout.number(bytes, at: offset, bytes: 4)
      let count = TokenFileLayout.number(bytes, at: offset + 4, bytes: 4)
      offset += 8
      guard count > 0, count <= section.upperBound - offset else { throw .damaged }
      let text = (offset..<(offset + count)).map { TokenFileLayout.byte(bytes, $0) }
      found.append(Special(text: text, token: UInt32(clamping: token)))
      offset += (count + 3) / 4 * 4
    }
    return found
  }
}
