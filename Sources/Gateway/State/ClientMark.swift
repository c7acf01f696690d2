/// Stands for a client's key wherever the key itself must not be: the same for the same key as long as the process lives.
///
/// 128 bits of SipHash under the process's own random seed, so it neither gives the key away nor can be prepared from outside.
package struct ClientMark: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64

  package init(key: some Collection<UInt8>) {
    self.high = Self.hash(key, lane: 1)
    self.low = Self.hash(key, lane: 2)
  }

  /// 32 hexadecimal digits: one part of the key under which tool states are kept.
  package var text: String {
    let digits = [self.high, self.low].map { number in
      let text = String(number, radix: 16)
      return String(repeating: "0", count: max(0, 16 - text.utf8.count)) + text
    }
    return digits.joined()
  }

  private static func hash(_ key: some Collection<UInt8>, lane: UInt8) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(lane)
    hasher.combine(key.count)
    let wasWhole: Void? = key.withContiguousStorageIfAvailable { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    if wasWhole == nil { for byte in key { hasher.combine(byte) } }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
