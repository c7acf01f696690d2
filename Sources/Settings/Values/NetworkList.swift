/// Addresses and networks that are believed in something, or everybody.
package struct NetworkList: Sendable, Equatable {
  private struct Network: Sendable, Equatable {
    let address: IPAddress
    let bits: Int

    func holds(_ other: IPAddress) -> Bool {
      var left = self.bits
      for (one, another) in zip(self.address.bytes, other.bytes) {
        guard left > 0 else { return true }
        let mask = left >= 8 ? 0xFF : UInt8(truncatingIfNeeded: 0xFF00 >> left)
        if one & mask != another & mask { return false }
        left -= 8
      }
      return true
    }
  }

  package static let loopback = NetworkList("127.0.0.1,::1") ?? NetworkList(text: "", networks: [])

  /// As it was written.
  package let text: String
  /// nil: everybody.
  private let networks: [Network]?

  private init(text: String, networks: [Network]?) {
    self.text = text
    self.networks = networks
  }

  /// `*`, or addresses and networks in CIDR form with commas between them; as in gunicorn, an address that has bits set
  /// beyond its network's prefix is refused.
  package init?(_ text: String) {
    if text.trimmingBlanks() == "*" {
      self.init(text: "*", networks: nil)
      return
    }
    var networks: [Network] = []
    for part in text.split(separator: ",") {
      let word = part.trimmingBlanks()
      if word.isEmpty { continue }
      guard let network = Self.network(word) else { return nil }
      networks.append(network)
    }
    self.init(text: text, networks: networks)
  }

  package func holds(_ address: IPAddress) -> Bool {
    self.networks.map { $0.contains { $0.holds(address) } } ?? true
  }

  private static func network(_ text: some StringProtocol) -> Network? {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count <= 2, let address = IPAddress(halves[0]) else { return nil }
    guard halves.count == 2 else { return Network(address: address, bits: 128) }
    // An IPv4 address is kept in its IPv6 form, whose first 96 bits are the same for all.
    let isFourth = !halves[0].contains(":")
    let most = isFourth ? 32 : 128
    guard halves[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(halves[1]),
      bits <= most
    else { return nil }
    let network = Network(address: address, bits: isFourth ? bits + 96 : bits)
    var left = network.bits
    for byte in address.bytes {
      let mask = left >= 8 ? 0xFF : left <= 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF00 >> left)
      if byte & ~mask != 0 { return nil }
      left -= 8
    }
    return network
  }
}
