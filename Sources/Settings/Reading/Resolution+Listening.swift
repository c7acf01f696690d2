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

  private mutating func settleBind() {
    guard let bind = self.origins["GUNICORN_BIND"], let halves = SettingTable.bind(bind.value) else { return }
    if let host = halves.host {
      self.settle(bind, "HOST", isEqual: IPAddress(host) == IPAddress(self.settings.listening.host))
      self.settings.listening.host = host
    }
    if let port = halves.port {
      self.settle(bind, "PORT", isEqual: port == self.settings.listening.port)
      self.settings.listening.port = port
    }
  }

  private mutating func settle(_ bind: Candidate, _ name: String, isEqual: Bool) {
    guard let other = self.origins[name], !isEqual else { return }
    self.faults.append(
      ConfigurationFault(
        at: bind.place, key: bind.name, value: bind.value,
        expected: "what \(other.name) at \(other.place) says, or only one of the two"))
  }
}
