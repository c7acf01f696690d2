/// Where the daemon listens when systemd has passed it no sockets.
package struct Listening: Sendable, Equatable {
  package static let defaultBacklog = 2048

  /// A numeric address; `localhost` has become 127.0.0.1.
  package var host = "127.0.0.1"
  /// 0 lets the kernel choose a free port.
  package var port = 5000
  /// `GUNICORN_BIND` as given; `host` and `port` already say the same.
  package var bind: String?
  /// Set only if the operator said so: then `listen()` is repeated on inherited sockets too, else their unit decides.
  package var explicitBacklog: Int?

  package var backlog: Int { self.explicitBacklog ?? Self.defaultBacklog }

  /// What a log line prints: `127.0.0.1:5000`, `[::1]:5000`.
  package var authority: String {
    self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
  }

  /// Whether somebody on another machine can reach it.
  package var isPublic: Bool {
    guard let address = IPAddress(self.host) else { return true }
    return !address.isLoopback
  }
}

/// Whether the listening sockets are the daemon's own or came from systemd, which decides what `HOST` and `PORT` mean.
package enum ListenerOrigin: Sendable, Equatable {
  case bound
  /// `publicAddresses`: those of the passed sockets another machine can reach, as text for messages.
  case systemd(publicAddresses: [String])
}
