extension Resolution {
  /// As gunicorn does: `sync` with threads is `gthread`.
  mutating func settleWorkers() {
    guard self.settings.workers.threads > 1, let origin = self.origins["GUNICORN_THREADS"] else { return }
    switch self.settings.workers.workerClass {
    case .sync:
      self.settings.workers.workerClass = .gthread
      self.remarks.append(
        ConfigurationRemark(
          .notice, at: origin.place, key: origin.name,
          "more than one thread makes worker class gthread of sync"))
    case .async:
      self.warn(origin.place, origin.name, "unused with worker class async (see GUNICORN_WORKER_CONNECTIONS)")
    case .gthread: break
    }
  }

  mutating func settleListening() {
    switch self.sources.listeners {
    case .systemd:
      for name in ["HOST", "PORT", "GUNICORN_BIND"] {
        guard let origin = self.origins[name] else { continue }
        self.warn(
          origin.place, origin.name,
          "ignored, because systemd passes the listening sockets; change them with"
            + " \"systemctl edit claude-proxy.socket\"")
      }
    case .bound: self.settleBind()
    }
  }

  /// `HOST` and `PORT` may be said beside it where one of its places agrees.
  private mutating func settleBind() {
    guard let bind = self.origins["GUNICORN_BIND"], let places = BindPlace.list(bind.value) else { return }
    let own = self.settings.listening
    var isHostThere = false
    var isPortThere = false
    for place in places {
      switch place {
      case .internet(let host, let port):
        isHostThere = isHostThere || host.map { IPAddress($0) == IPAddress(own.host) } ?? true
        isPortThere = isPortThere || port.map { $0 == own.port } ?? true
        self.settings.listening.bound.append(.internet(host: host ?? own.host, port: port ?? own.port))
      case .unix(let path): self.settings.listening.bound.append(.unix(path: path))
      case .descriptor(let number): self.settings.listening.bound.append(.descriptor(number))
      }
    }
    self.settle(bind, "HOST", isEqual: isHostThere)
    self.settle(bind, "PORT", isEqual: isPortThere)
  }

  private mutating func settle(_ bind: Candidate, _ name: String, isEqual: Bool) {
    guard let other = self.origins[name], !isEqual else { return }
    self.faults.append(
      ConfigurationFault(
        at: bind.place, key: bind.name, value: bind.value,
        expected: "what \(other.name) at \(other.place) says, or only one of the two"))
  }
}
