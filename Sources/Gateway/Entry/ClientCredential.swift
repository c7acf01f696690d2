package import Wire

/// The key a request came with.
package enum ClientCredential {
  /// As `find(in:)`; on a path of Azure's, its own field too.
  package static func find(in head: RequestHead) -> [UInt8]? {
    if let key = self.find(in: head.fields) { return key }
    guard AzurePath.isSpoken(in: head.path), let key = head.fields.bytes(of: "api-key") else { return nil }
    return key.isEmpty ? nil : key
  }

  /// `x-api-key`, else `Authorization` with the scheme Bearer in any case or with a bare key. Other schemes are not ours.
  package static func find(in fields: HeaderFields) -> [UInt8]? {
    if let key = fields.bytes(of: "x-api-key"), !key.isEmpty { return key }
    guard let value = fields.bytes(of: "authorization") else { return nil }
    guard let blank = value.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) else {
      // The bare word is a scheme without its key.
      return value.isEmpty || Self.isBearer(value[...]) ? nil : value
    }
    guard Self.isBearer(value[..<blank]) else { return nil }
    let key = value[blank...].drop { $0 == 0x20 || $0 == 0x09 }
    return key.isEmpty ? nil : Array(key)
  }

  private static func isBearer(_ word: ArraySlice<UInt8>) -> Bool {
    word.count == 6 && zip(word, "bearer".utf8).allSatisfy { $0 | 0x20 == $1 }
  }
}
