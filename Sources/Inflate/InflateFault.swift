/// Why a compressed body cannot be had.
package enum InflateFault: Error, Sendable, Equatable {
  /// Not gzip and not zstd, or both.
  case unknownCoding
  /// Not what its coding says, or cut short.
  case damaged
  /// More bytes than may be, once decoded.
  case tooLarge
}
