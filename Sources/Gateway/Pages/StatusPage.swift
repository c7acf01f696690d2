internal import Settings
internal import Wire

/// The pages this daemon answers by itself.
package enum StatusPage: Sendable, Equatable {
  case health
  case live
  case ready
  case root
}

/// What the daemon counts about itself at one moment.
package struct Vitals: Sendable, Equatable {
  package var version = ""
  package var workers = 0
  package var connections = 0
  package var exchanges = 0
  package var transfers = 0
  package var droppedLogRecords = 0
  package var uptimeSeconds = 0

  package init() {}
}

extension StatusPage {
  /// The page's JSON. What is `inside` is for key holders and the admin socket.
  package func body(
    _ vitals: Vitals, _ snapshot: Snapshot, inside: Bool, health: HealthReading = HealthReading()
  ) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    switch self {
    case .live, .ready:
      json.member("status", "ok")
    case .root:
      json.member("name", "claude-proxy")
      json.member("version", vitals.version)
      json.member("status", "running")
      Self.writeEndpoints(to: &json)
    case .health:
      json.member("status", "ok")
      json.member("version", vitals.version)
      if inside { Self.writeInside(vitals, snapshot, health, to: &json) }
    }
    json.endObject()
    return json.takeBytes() + [0x0A]
  }

  private static func writeEndpoints(to json: inout JSONWriter) {
    json.key("endpoints")
    json.beginObject()
    for route in Route.allCases where route.isAdvertised {
      json.key(text: String(route.word.map { $0 == "-" ? "_" : $0 }))
      json.string(route.path)
    }
    json.endObject()
  }

  private static func writeInside(
    _ vitals: Vitals, _ snapshot: Snapshot, _ health: HealthReading, to json: inout JSONWriter
  ) {
    let settings = snapshot.settings
    json.member("state", health.word(snapshot))
    json.member("generation", snapshot.generation)
    json.member("uptime_seconds", vitals.uptimeSeconds)
    json.key("upstream_url")
    Self.write(settings.plan.anthropic?.messagesURL, to: &json)
    json.key("backend_url")
    Self.write(settings.plan.openAI?.chatCompletionsURL, to: &json)
    json.member("demo", settings.plan.isDemo)
    json.member("allowed_api_keys_count", settings.clients.allowedKeys.count)
    json.member("workers", vitals.workers)
    json.member("worker_class", settings.workers.workerClass.rawValue)
    json.member("connections", vitals.connections)
    json.member("requests_in_flight", vitals.exchanges)
    json.member("upstream_transfers", vitals.transfers)
    json.member("log_records_dropped", vitals.droppedLogRecords)
    health.write(settings, to: &json)
  }

  /// Without the query, which may hold what nobody should see.
  private static func write(_ url: UpstreamURL?, to json: inout JSONWriter) {
    guard let url else { return json.null() }
    json.string(url.origin + url.path)
  }
}
