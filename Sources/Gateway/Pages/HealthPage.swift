internal import Settings
package import Tokens
internal import Wire

/// What full `/health` tells beside the settings: by the names the four older programs used.
package struct HealthReading: Sendable, Equatable {
  package struct Upstream: Sendable, Equatable {
    package var name: UpstreamName
    package var breaker = BreakerReading()
    package var catalogue = CatalogueReading()
    package var drops: [LearnedDrops.Reading] = []

    package init(_ name: UpstreamName) {
      self.name = name
    }
  }

  package var upstreams: [Upstream] = []
  package var identity = UserIdentityReading()
  /// What tokens are counted by; none: by characters.
  package var encodings: [EncodingName] = []
  package var wallSeconds = 0
  /// How far local time is ahead of UTC.
  package var offsetSeconds = 0

  package init() {}

  package init(
    _ state: DaemonState, _ snapshot: Snapshot, encodings: [EncodingName], now: UInt64, wallSeconds: Int,
    offsetSeconds: Int
  ) {
    self.encodings = encodings
    let plan = snapshot.settings.plan
    for upstream in state.upstreams(of: plan) {
      var reading = Upstream(upstream.name)
      reading.breaker = upstream.breakerReading
      reading.catalogue = upstream.catalogueReading(now: now)
      reading.drops = upstream.allDrops
      self.upstreams.append(reading)
      if upstream.name == .anthropic { self.identity = upstream.identityReading(now: now) }
    }
    self.wallSeconds = wallSeconds
    self.offsetSeconds = offsetSeconds
  }

  /// The state's word for all of them together.
  func word(_ snapshot: Snapshot) -> String {
    let isOpen = snapshot.settings.resilience.hasBreaker && self.upstreams.contains { $0.breaker.isOpen }
    return isOpen && snapshot.state == .serving ? "unhealthy" : snapshot.state.word
  }

  func write(_ settings: Settings, to json: inout JSONWriter) {
    json.member("timestamp", Timestamp.utc(unixSeconds: self.wallSeconds))
    self.writeIdentity(settings, to: &json)
    self.writeKeys(settings, to: &json)
    self.writeBackend(settings, to: &json)
    let counter = self.encodings.isEmpty ? TokenSettings.Counter.chars : .tiktoken
    json.member("token_counter", counter.rawValue)
    json.key("token_encodings")
    json.beginArray()
    for encoding in self.encodings { json.string(encoding.rawValue) }
    json.endArray()
  }

  private func writeIdentity(_ settings: Settings, to json: inout JSONWriter) {
    json.member("default_model", settings.models.standard)
    json.key("model_aliases")
    json.beginObject()
    for alias in settings.models.aliases where settings.models.target(of: alias.name) == alias.target {
      json.key(text: alias.name)
      json.string(alias.target)
    }
    json.endObject()
    json.member("current_user_id", self.identity.userID)
    json.key("last_update")
    if let made = self.identity.madeWallSeconds {
      json.string(Timestamp.plain(unixSeconds: made, offsetSeconds: self.offsetSeconds))
    } else {
      json.string(plain: "Never")
    }
    json.key("next_update_in")
    if let minutes = self.identity.minutesLeft {
      json.string("\(minutes) minutes")
    } else {
      json.string(plain: "On first request")
    }
  }

  private func writeKeys(_ settings: Settings, to json: inout JSONWriter) {
    let key = settings.plan.openAI?.key
    json.member("openai_api_configured", key != nil)
    json.member("api_key_valid", key?.looksLikeOpenAIs ?? false)
    json.member("client_api_key_validation", settings.clients.areKeysChecked)
  }

  private func writeBackend(_ settings: Settings, to json: inout JSONWriter) {
    let backend = self.upstreams.first { $0.name == .openAI } ?? self.upstreams.first
    json.member("models_cached", backend?.catalogue.models ?? 0)
    json.key("circuit_breaker")
    Self.write(backend?.breaker ?? BreakerReading(), settings, to: &json)
    json.key("upstreams")
    json.beginObject()
    for upstream in self.upstreams {
      json.key(text: upstream.name.rawValue)
      json.beginObject()
      json.member("models_cached", upstream.catalogue.models)
      json.member("models_age_seconds", upstream.catalogue.ageSeconds)
      json.member("discovery_fault", upstream.catalogue.lastFault?.rawValue)
      json.key("circuit_breaker")
      Self.write(upstream.breaker, settings, to: &json)
      json.object("refused_fields") { json in
        for drop in upstream.drops {
          json.key(text: drop.model)
          json.beginArray()
          for field in drop.fields { json.string(field) }
          json.endArray()
        }
      }
      json.endObject()
    }
    json.endObject()
  }

  private static func write(_ breaker: BreakerReading, _ settings: Settings, to json: inout JSONWriter) {
    let isEnabled = settings.resilience.hasBreaker
    json.beginObject()
    json.member("enabled", isEnabled)
    json.member("is_open", isEnabled && breaker.isOpen)
    json.member("consecutive_failures", isEnabled ? breaker.consecutiveFailures : 0)
    json.endObject()
  }
}

extension Secret {
  /// As far as its look tells.
  fileprivate var looksLikeOpenAIs: Bool { self.revealed.utf8.starts(with: "sk-".utf8) }
}
