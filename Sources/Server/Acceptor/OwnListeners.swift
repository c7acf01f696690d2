internal import Gateway
internal import Glibc
internal import Platform
internal import Settings
internal import Systemd

/// The sockets the daemon listens on when nobody passed it any.
enum OwnListeners {
  /// nil when one of the places cannot be had; the log says which and why.
  static func open(_ listening: Listening, _ log: Logger) -> Doorway? {
    var served: [ServedListener] = []
    var files: [SocketFile] = []
    for place in listening.places {
      do {
        let (listener, file) = try Self.open(place, backlog: listening.backlog)
        let label = listener.localAddress?.description ?? place.description
        served.append(ServedListener(listener: listener, role: .inference, label: label))
        if let file { files.append(file) }
      } catch {
        log.error("cannot listen on \(place): \(error)")
        for file in files { file.remove() }
        return nil
      }
    }
    return Doorway(served, files: files)
  }

  private static func open(_ place: ListeningPlace, backlog: Int) throws -> (Listener, SocketFile?) {
    switch place {
    case .internet(let host, let port):
      guard let port = UInt16(exactly: port), let address = SocketAddress(host: host, port: port)
      else { throw Errno(code: EADDRNOTAVAIL) }
      return (try Listener.bind(address, backlog: backlog), nil)
    case .unix(let path):
      return try SocketFile.listen(at: path, backlog: backlog)
    case .descriptor(let number):
      let socket = try ListenSockets.inspect(OwnedDescriptor(taking: number), name: place.description)
      return (Listener(socket.descriptor), nil)
    }
  }
}
