/// All settings, one row each, in the order the pages print them.
package enum SettingTable {
  package static let rows: [SettingRow] =
    upstreams + headers + models + budget + translation + clients + listening + proxies + workers + limits
    + waits + logging

  private static let clients: [SettingRow] = [
    SettingRow(
      "ALLOWED_API_KEYS", .clients, .live, .secrets(to: \.clients.allowedKeys),
      "Client keys that are accepted where the server's own key is spent, separated by commas"),
    SettingRow(
      "ANTHROPIC_API_KEY", .clients, .live, .secret(to: \.clients.anthropicKey),
      "One more accepted client key (the variable Claude Code reads as its own key has the same name)"),
    SettingRow(
      "ALLOW_OPEN", .clients, .live, .boolean(to: \.clients.allowsOpen),
      "Start although a public listener spends the server's key without asking for a client key"),
    SettingRow(
      "CORS_ORIGINS", .clients, .live, .crossOrigin(to: \.crossOrigin),
      defaultNote: "`*` where client keys are checked, else `none`",
      "The web pages that may call from a browser: `*`, `none`, or origins separated by commas"),
  ]

  private static let listening: [SettingRow] = [
    SettingRow(
      "HOST", .listening, .restart,
      .text("an IPv4 or IPv6 address, or localhost", to: \.listening.host, read: BindPlace.host),
      "The address to listen on when systemd has passed no sockets"),
    SettingRow(
      "PORT", aliases: [.same("HOST_PORT")], .listening, .restart,
      .number(.integer(0...65_535), to: \.listening.port),
      "The TCP port to listen on when systemd has passed no sockets; 0 takes any free one"),
    SettingRow(
      "GUNICORN_BIND", .listening, .restart,
      .optionalText(
        "ADDRESS:PORT, ADDRESS, :PORT, unix:PATH or fd://NUMBER, or several with commas", to: \.listening.bind
      ) { BindPlace.list($0) != nil },
      "Where to listen, as gunicorn writes it; of an address either half may be left to `HOST` or `PORT`"),
    SettingRow(
      "GUNICORN_BACKLOG", .listening, .restart,
      .optionalNumber(.integer(1...65_535), to: \.listening.explicitBacklog),
      defaultNote: "2048; a passed socket keeps its unit's `Backlog=`",
      "Connections the kernel may hold before they are accepted"),
  ]

  private static let workers: [SettingRow] = [
    SettingRow(
      "GUNICORN_WORKERS", aliases: [.fallback("WEB_CONCURRENCY")], .workers, .live,
      .number(.integer(1...1024), to: \.workers.count), "Worker threads"),
    SettingRow(
      "GUNICORN_WORKER_CLASS", .workers, .live,
      .word(WorkerClass.allCases.map(\.rawValue), to: \.workers.workerClass, read: Self.workerClass) {
        $0.rawValue
      },
      "What one worker may have in flight: `async` up to `GUNICORN_WORKER_CONNECTIONS`, `gthread` up to"
        + " `GUNICORN_THREADS`, `sync` one (`gevent`, `eventlet`, `tornado`, `asgi` mean `async`)"),
    SettingRow(
      "GUNICORN_WORKER_CONNECTIONS", .workers, .live,
      .number(.integer(1...1_000_000), to: \.workers.connections),
      "Requests one worker of class `async` may have in flight"),
    SettingRow(
      "GUNICORN_THREADS", .workers, .live, .number(.integer(1...65_536), to: \.workers.threads),
      "Requests one worker of class `gthread` may have in flight; above 1 it makes `gthread` of `sync`"),
    SettingRow(
      "GUNICORN_TIMEOUT", .workers, .live, .number(.seconds(0...86_400), to: \.workers.timeoutSeconds),
      "A worker silent for longer is replaced; 0 = never. In class `sync` no request may take longer"),
    SettingRow(
      "GUNICORN_MAX_REQUESTS", .workers, .live,
      .number(.integer(0...1_000_000_000), to: \.workers.mostRequests),
      "Requests after which a worker is replaced by a new one; 0 = never"),
    SettingRow(
      "GUNICORN_MAX_REQUESTS_JITTER", .workers, .live,
      .number(.integer(0...1_000_000_000), to: \.workers.mostRequestsJitter),
      "The most requests more, chosen by chance for each worker, so that they are not replaced together"),
    SettingRow(
      "GUNICORN_GRACEFUL_TIMEOUT", .workers, .live,
      .number(.seconds(0...86_400), to: \.workers.gracefulTimeoutSeconds), packagedValue: "60",
      "How long running requests may go on after a stop or a reload"),
    SettingRow(
      "GUNICORN_KEEPALIVE", .workers, .live, .number(.seconds(0...86_400), to: \.workers.keepAliveSeconds),
      packagedValue: "75",
      "How long an idle client connection is kept; 0 = close after each reply, as `sync` always does"),
  ]

  private static let limits: [SettingRow] = [
    SettingRow(
      "MAX_BODY_BYTES", .limits, .live, .number(.bytes(1...2_147_483_647), to: \.limits.bodyBytes),
      "The longest request body, counted after decompression"),
    SettingRow(
      "GUNICORN_LIMIT_REQUEST_LINE", .limits, .live,
      .number(.integer(0...1_000_000), to: \.limits.requestLineBytes, adjust: Self.requestLine),
      "The longest request line in bytes; above 8190 means 8190, 0 means 65536"),
    SettingRow(
      "GUNICORN_LIMIT_REQUEST_FIELDS", .limits, .live,
      .number(.integer(0...1_000_000), to: \.limits.requestFields) {
        $0 == 0 ? Limits.mostRequestFields : min($0, Limits.mostRequestFields)
      },
      "The most header fields of a request; 0 or above 32768 means 32768"),
    SettingRow(
      "GUNICORN_LIMIT_REQUEST_FIELD_SIZE", .limits, .live,
      .number(.integer(0...1_000_000), to: \.limits.requestFieldBytes) {
        $0 == 0 ? Limits.defaultFieldSize : $0
      },
      "The longest header field in bytes, with its line end; 0 means 8190"),
    SettingRow(
      "CLIENT_HEAD_TIMEOUT", .limits, .live, .number(.seconds(1...86_400), to: \.limits.clientHeadSeconds),
      "How long a client may take for the head of a request, from the connection or from its first byte"),
    SettingRow(
      "CLIENT_BODY_TIMEOUT", .limits, .live, .number(.seconds(1...86_400), to: \.limits.clientBodySeconds),
      "How long a client may pause within the body of a request"),
    SettingRow(
      "MAX_MESSAGES", .limits, .live, .optionalNumber(.integer(1...100_000_000), to: \.limits.messages),
      "The most messages of a request to `/v1/messages`"),
    SettingRow(
      "MAX_CONTENT_BYTES", .limits, .live,
      .optionalNumber(.bytes(1...2_147_483_647), to: \.limits.contentBytes),
      "The longest contents of all messages of a request to `/v1/messages` together"),
    SettingRow(
      "MAX_SYSTEM_BYTES", .limits, .live,
      .optionalNumber(.bytes(1...2_147_483_647), to: \.limits.systemBytes),
      "The longest system prompt of a request to `/v1/messages`"),
  ]

  private static let waits: [SettingRow] = [
    SettingRow(
      "REQUEST_TIMEOUT", aliases: [.same("BACKEND_TIMEOUT_SECS")], .waits, .live,
      .number(.seconds(1...86_400), to: \.waits.firstByteSeconds),
      "How long an upstream may take to the first byte of its answer"),
    SettingRow(
      "STREAM_IDLE_TIMEOUT", .waits, .live, .number(.seconds(1...86_400), to: \.waits.streamIdleSeconds),
      "How long an answer that has begun may pause"),
    SettingRow(
      "EARLY_HEAD_AFTER", .waits, .live, .number(.seconds(1...86_400), to: \.translation.earlyHeadSeconds),
      "A stream whose upstream is silent for that long begins all the same, so that pings can flow; from then"
        + " on errors are told in the stream, and nothing is retried"),
    SettingRow(
      "PING_INTERVAL", .waits, .live, .number(.seconds(1...86_400), to: \.translation.pingSeconds),
      "A translated stream that is silent for that long carries a ping"),
  ]

  private static let logging: [SettingRow] = [
    SettingRow(
      "LOG_LEVEL",
      aliases: [
        .fallback("GUNICORN_LOGLEVEL"), .fallback("RUST_LOG") { LogLevel.bare(inRustFilter: $0)?.word },
      ], .logging, .live,
      .word(LogLevel.allCases.map(\.word), to: \.logLevel, read: Self.logLevel) { $0.word },
      "The least urgent messages that are logged"),
    SettingRow(
      "GUNICORN_ACCESSLOG", .logging, .live,
      .accessTarget(to: \.accessLog.target),
      "Where the line of each request goes, unless `LOG_LEVEL` is above info: `journal` is where all messages go, with"
        + " fields; `-` is standard output; a file is appended to, and opened again at SIGUSR1 and reload; `none`"
    ),
    SettingRow(
      "GUNICORN_ACCESS_LOG_FORMAT", .logging, .live, .accessFormat(to: \.accessLog.ownFormat),
      defaultNote: "gunicorn's in `-` and files; words and fields in the journal",
      "What the line of each request says, in gunicorn's atoms (`h l u t r m U q H s B b f a T M D L p`, `{name}i`,"
        + " `{name}o`, `{name}e`) and in `I` request id, `R` route, `W` worker, `N` model, `V` upstream, `i` and `o`"
        + " tokens, `F` µs to the first byte, `C` error code; keys and cookies print as `***`"),
    SettingRow(
      "DEBUG_FAULTS", .logging, .live, .boolean(to: \.allowsDebugFaults),
      "Let requests ask the daemon to misbehave; for tests of its supervision only"),
  ]
}

extension SettingTable {
  /// Only the first word counts, as the Python proxies read it.
  private static func logLevel(_ text: String) -> LogLevel? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap(LogLevel.init(word:))
  }

  private static func requestLine(_ bytes: Int) -> Int {
    bytes == 0 ? Limits.unlimitedRequestLine : min(bytes, Limits.longestRequestLine)
  }

  private static func workerClass(_ text: String) -> WorkerClass? {
    switch text.lowercased() {
    case "gevent", "eventlet", "tornado", "asgi": .async
    case let word: WorkerClass(rawValue: word)
    }
  }
}
