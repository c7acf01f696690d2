/// Where the daemon listens when systemd has passed it no sockets.
package struct Listening: Sendable, Equatable {
  package static let defaultBacklog = 2048

  /// A numeric address; `localhost` has become 127.0.0.1.
  package var host = "127.0.0.1"
  /// 0 lets the kernel choose a free port.
  package var port = 5000
  /// `GUNICORN_BIND` as given.
  package var bind: String?
  /// What `GUNICORN_BIND` means, nothing left open; empty when it is unset.
  var bound: [ListeningPlace] = []
  /// Set only if the operator said so: then `listen()` is repeated on inherited sockets too, else their unit decides.
  package var explicitBacklog: Int?

  package var backlog: Int { self.explicitBacklog ?? Self.defaultBacklog }

  package var places: [ListeningPlace] {
    self.bound.isEmpty ? [.internet(host: self.host, port: self.port)] : self.bound
  }

  /// What a log line prints.
  package var inWords: String { self.places.map(\.description).joined(separator: ", ") }

  /// Those that somebody on another machine can reach, or might.
  package var publicPlaces: [String] { self.places.filter(\.isPublic).map(\.description) }
}

/// One place of those the daemon listens at.
package enum ListeningPlace: Sendable, Equatable, CustomStringConvertible {
  case internet(host: String, port: Int)
  case unix(path: String)
  case descriptor(Int32)

  package var description: String {
    switch self {
    case .internet(let host, let port):
      host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    case .descriptor(let number): "fd://\(number)"
    }
  }

  /// Of a descriptor nobody knows before it is looked at.
  var isPublic: Bool {
    switch self {
    case .internet(let host, _): !(IPAddress(host)?.isLoopback ?? false)
    case .unix: false
    case .descriptor: true
    }
  }
}

/// Whether the listening sockets are the daemon's own or came from systemd, which decides what `HOST` and `PORT` mean.
package enum ListenerOrigin: Sendable, Equatable {
  case bound
  /// `publicAddresses`: those of the passed sockets another machine can reach, as text for messages.
  case systemd(publicAddresses: [String])
}
