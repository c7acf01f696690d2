/// How long a worker waits for a client, in milliseconds, and how much it holds for one.
enum Patience {
  /// After a reply that closes: how long the client may be silent, and how long it may go on sending what nobody reads. Closing at
  /// once would reset the connection, and the client would lose the reply.
  static let lingerMilliseconds: UInt64 = 2_000
  static let longestLingerMilliseconds: UInt64 = 30_000
  /// For the error frames of a quick stop to leave; the supervisor waits for twice as long.
  static let lastWordsMilliseconds: UInt64 = 1_000
  /// Less than what `claude-proxy reload` waits for an answer.
  static let reloadSeconds = 25
  /// For the first request of a connection that a draining worker has just been given.
  static let firstRequestMilliseconds: UInt64 = 500
  /// Reads of one connection in one turn, 64 KiB each.
  static let readsPerTurn = 4
  /// Output that waits for a client above this stops its upstream, below the other lets it go on.
  static let holdAboveBytes = 64 * 1024
  static let resumeBelowBytes = 16 * 1024
  /// For an upstream to end an answer of which the client has had the last byte: its connection is worth keeping.
  static let leftoverMilliseconds: UInt64 = 500
  static let leftoverBytes = 64 * 1024
}
