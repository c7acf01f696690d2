/// What brings a transfer's answer: libcurl, or a connection of the daemon's own.
///
/// It appends to the transfer and marks it, never calls its owner, and has forgotten it once it said how it ended.
protocol Carrier: AnyObject {
  /// The owner takes bytes again.
  func goOn()
  /// The answer goes on, for hours perhaps: what only its beginning needed is let go.
  func settle()
  /// Nobody wants the rest, if there is one.
  func leave()
}
