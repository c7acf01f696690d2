/// How long a worker waits for a client, in milliseconds, and how much it holds for one.
enum Patience {
  /// From the first byte of a reply that closes until the client has gone too; then the socket is closed.
  static let lingerMilliseconds: UInt64 = 2_000
  static let lingerBytes = 64 * 1024
  /// Reads of one connection in one turn, 64 KiB each.
  static let readsPerTurn = 4
  /// Output that waits for a client above this stops its upstream, below the other lets it go on.
  static let holdAboveBytes = 256 * 1024
  static let resumeBelowBytes = 64 * 1024
}
