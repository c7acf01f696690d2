extension Resolution {
  /// What of the listening sockets another machine can reach, as text; empty if nothing.
  private var publicListeners: [String] {
    switch self.sources.listeners {
    case .systemd(let addresses): addresses
    case .bound: self.settings.listening.publicPlaces
    }
  }

  /// Sample keys are known to everybody and short ones are guessed.
  mutating func checkClientKeys() {
    for (name, keys) in [
      ("ALLOWED_API_KEYS", self.settings.clients.allowedKeys),
      ("ANTHROPIC_API_KEY", self.settings.clients.anthropicKey.map { [$0] } ?? []),
    ] {
      guard let origin = self.origins[name] else { continue }
      for (index, key) in keys.enumerated() {
        guard let weakness = self.weakness(of: key, index: index, of: keys.count) else { continue }
        self.report(weakness, of: origin)
      }
    }
    if let origin = self.origins["ANTHROPIC_API_KEY"], origin.place == .environment {
      self.remarks.append(
        ConfigurationRemark(
          .notice, at: origin.place, key: origin.name,
          "clients must present this key; Claude Code exports its own key under the same name"))
    }
  }

  private func weakness(of key: Secret, index: Int, of count: Int) -> String? {
    if let sample = ClientSettings.sampleKeys.first(where: key.isLiterally) {
      return "\(sample) is a sample key that everybody knows"
    }
    guard key.byteCount < ClientSettings.shortestKeyBytes else { return nil }
    let which = count > 1 ? "key \(index + 1) of \(count)" : "the key"
    return "\(which) has fewer than \(ClientSettings.shortestKeyBytes) characters"
  }

  private mutating func report(_ weakness: String, of origin: Candidate) {
    guard let listener = self.publicListeners.first else {
      self.warn(origin.place, origin.name, "\(weakness); it would be refused on a public listener")
      return
    }
    self.faults.append(
      ConfigurationFault(
        at: origin.place, key: origin.name, value: nil,
        expected: "\(weakness), and \(listener) is a public listener; expected a key of your own, such as"
          + " the output of \"openssl rand -hex 24\""))
  }

  /// A public listener must not hand the server's key to whoever asks.
  mutating func checkPublicBind() {
    let choices = [self.settings.plan.messages, self.settings.plan.chatCompletions]
    guard self.isSound("ALLOWED_API_KEYS", "ANTHROPIC_API_KEY", "ALLOW_OPEN"),
      let listener = self.publicListeners.first, !self.settings.clients.areKeysChecked,
      choices.contains(where: { $0?.spendsServerKey == true })
    else { return }
    let origin = self.origins["HOST"] ?? self.origins["GUNICORN_BIND"]
    let place = origin?.place ?? ConfigurationPlace(file: "listening sockets", line: 0)
    if self.settings.clients.allowsOpen {
      self.warn(
        place, origin?.name ?? "",
        "\(listener) is public and spends the server's key for anybody (ALLOW_OPEN=true)")
      return
    }
    self.faults.append(
      ConfigurationFault(
        at: place, key: origin?.name ?? "", value: origin?.value ?? listener,
        expected: "a loopback address, because anybody could spend the server's upstream key; or set"
          + " ALLOWED_API_KEYS so that clients need a key, or ALLOW_OPEN=true"))
  }
}
