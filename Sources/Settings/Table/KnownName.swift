/// A name that is understood but does nothing: it is warned about by name, so that an old file starts and says what is lost.
package struct KnownName: Sendable {
  package enum Fate: Sendable, Equatable {
    /// Never: why.
    case never(String)
    /// Only meaningful in the process environment.
    case environmentOnly(String)
  }

  /// With a `*` at the end: every name that begins so.
  package let name: String
  package let fate: Fate

  package func covers(_ key: String) -> Bool {
    self.name.hasSuffix("*") ? key.hasPrefix(self.name.dropLast()) : key == self.name
  }

  package var remark: String {
    switch self.fate {
    case .never(let reason): "has no effect: \(reason)"
    case .environmentOnly(let reason): "has no effect in a file: \(reason)"
    }
  }

  package static let all: [KnownName] =
    never.map { KnownName(name: $0.0, fate: .never($0.1)) }
    + ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy"].map {
      KnownName(name: $0, fate: .environmentOnly("it is read from the process environment only"))
    }
    + [
      KnownName(
        name: "CLAUDE_PROXY_CONFIG",
        fate: .environmentOnly("it names the file to read, so it is read from the process environment only"))
    ]

  private static let never = [
    ("BACKEND_KEY", "no program ever read it; the upstream's key is OPENAI_API_KEY"),
    ("CADDY_DOMAIN", "it belongs to a reverse proxy that is not part of this package"),
    ("CADDY_PORT", "it belongs to a reverse proxy that is not part of this package"),
    ("CADDY_TLS", "it belongs to a reverse proxy that is not part of this package"),
    ("GUNICORN_CMD_ARGS", "there is no gunicorn command line here; use the GUNICORN_ settings themselves"),
    ("GUNICORN_DAEMON", "systemd keeps the service in the background"),
    ("GUNICORN_ERRORLOG", "messages go to the journal, or to standard error outside systemd"),
    ("GUNICORN_GROUP", "use Group= in a drop-in (systemctl edit claude-proxy)"),
    ("GUNICORN_PIDFILE", "systemd knows the process"),
    ("GUNICORN_PRELOAD_APP", "there is nothing to load"),
    ("GUNICORN_RELOAD", "use systemctl reload claude-proxy"),
    ("GUNICORN_REUSE_PORT", "one acceptor serves all workers"),
    ("GUNICORN_USER", "use User= in a drop-in (systemctl edit claude-proxy)"),
    ("IMAGE_FETCH_TIMEOUT", "image URLs are passed on and never fetched here"),
    ("MAX_IMAGE_BYTES", "image URLs are passed on and never fetched here"),
  ]
}
