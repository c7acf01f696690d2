/// What a listening socket is for. Rights follow the listener, never a header.
package enum ListenerRole: Sendable, Equatable {
  /// TCP, and nginx's unix socket, which has the same rights.
  case inference
  /// The admin socket: it shows everything and steers the daemon without a key. Spending one is asked for here too.
  case admin
}
