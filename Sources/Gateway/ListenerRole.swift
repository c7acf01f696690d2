/// What a listening socket is for. Rights follow the listener, never a header.
package enum ListenerRole: Sendable, Equatable {
  /// TCP, and nginx's unix socket, which has the same rights.
  case inference
  /// The admin socket: no keys are asked for, and the daemon can be steered.
  case admin
}
