internal import Settings
internal import Wire

/// `/metrics`: everything that is counted, for Prometheus or, with `?format=json`, by the names the old proxies used.
package struct MetricsPage: Sendable {
  package var vitals = Vitals()
  package var metrics = Metrics()
  package var clients = ClientCounters()
  package var upstreams: [UpstreamReading] = []

  /// One upstream of the configuration; it goes by its protocol, never by its address.
  package struct UpstreamReading: Sendable {
    package var name: UpstreamName
    package var breaker = BreakerReading()
    package var catalogue = CatalogueReading()

    package init(_ name: UpstreamName) {
      self.name = name
    }
  }

  package static let textType = "text/plain; version=0.0.4; charset=utf-8"

  package init() {}

  /// The page at one moment.
  package init(_ state: DaemonState, _ snapshot: Snapshot, _ vitals: Vitals, now: UInt64) {
    self.vitals = vitals
    self.metrics = state.metrics
    self.clients = state.clientCounters(now: now)
    self.upstreams = state.upstreams(of: snapshot.settings.plan).map { upstream in
      var reading = UpstreamReading(upstream.name)
      reading.breaker = upstream.breakerReading
      reading.catalogue = upstream.catalogueReading(now: now)
      return reading
    }
  }

  // MARK: - Prometheus

  package var text: [UInt8] {
    var text = PrometheusText()
    self.writeProcess(to: &text)
    self.writeRequests(to: &text)
    self.writeUpstreams(to: &text)
    self.writeBreakers(to: &text)
    self.writeClients(to: &text)
    return text.bytes
  }

  private func writeProcess(to text: inout PrometheusText) {
    text.gauge("build_info", "The running version")
    text.sample([("version", self.vitals.version)], 1)
    text.gauge("uptime_seconds", "How long the daemon runs", self.vitals.uptimeSeconds)
    text.gauge("workers", "Worker threads", self.vitals.workers)
    text.gauge("connections", "Open client connections", self.vitals.connections)
    text.gauge("requests_in_flight", "Requests that have begun and not ended", self.vitals.exchanges)
    text.gauge(
      "upstream_transfers", "Requests that wait for an upstream or read from it", self.vitals.transfers)
    text.counter(
      "log_records_dropped_total", "Log records that found no room",
      UInt64(clamping: self.vitals.droppedLogRecords))
  }

  private func writeRequests(to text: inout PrometheusText) {
    let routes = self.metrics.routes.sorted { $0.key < $1.key }
    text.counter("requests_total", "Requests that have ended, by route and status")
    for (route, tally) in routes {
      for (status, count) in tally.statuses.sorted(by: { $0.key < $1.key }) {
        let isNamed = status >= 100
        text.sample(
          [
            ("route", route), ("status", isNamed ? String(status) : "other"),
            ("class", "\(isNamed ? status / 100 : status)xx"),
          ], count)
      }
    }
    text.histogram("request_duration_seconds", "From a request's head to the end of its reply")
    for (route, tally) in routes { text.sample([("route", route)], tally.duration) }
    text.histogram(
      "time_to_first_token_seconds", "From a request's head to the first of the upstream's answer")
    for (route, tally) in routes where tally.firstToken.count > 0 {
      text.sample([("route", route)], tally.firstToken)
    }
    text.counter(
      "request_bytes_total", "Bytes of request bodies sent to upstreams", self.metrics.requestBytes)
    text.counter("reply_bytes_total", "Bytes of replies sent to clients", self.metrics.replyBytes)
    text.counter("streams_total", "Streamed replies, by how they ended")
    text.sample([("end", "complete")], self.metrics.streams.complete)
    text.sample([("end", "broken")], self.metrics.streams.broken)
    text.sample([("end", "abandoned")], self.metrics.streams.abandoned)
    text.counter("translation_losses_total", "Parts of requests that a translation dropped or rewrote")
    text.sample([("kind", "dropped")], self.metrics.dropped)
    text.sample([("kind", "changed")], self.metrics.changed)
  }

  private func writeUpstreams(to text: inout PrometheusText) {
    let upstreams = self.upstreams.map { ($0.name.rawValue, self.metrics.upstreams[$0.name]) }
    text.counter("upstream_exchanges_total", "Exchanges with upstreams, by how they ended")
    for (name, tally) in upstreams {
      for (index, word) in UpstreamOutcome.words.enumerated() {
        text.sample([("upstream", name), ("outcome", word)], tally?.outcomes[index] ?? 0)
      }
    }
    text.counter("upstream_retries_total", "Attempts beyond the first")
    for (name, tally) in upstreams { text.sample([("upstream", name)], tally?.retries ?? 0) }
    text.counter("tokens_total", "Tokens as upstreams reported them")
    for (name, tally) in upstreams {
      let tokens = tally?.tokens ?? TokenCounts()
      for (kind, count) in tokens.byKind { text.sample([("upstream", name), ("kind", kind)], count) }
    }
    text.gauge("models", "Models an upstream says it has")
    for upstream in self.upstreams {
      text.sample([("upstream", upstream.name.rawValue)], upstream.catalogue.models)
    }
    text.counter("model_discoveries_total", "Attempts to read an upstream's list of models")
    for upstream in self.upstreams {
      let name = upstream.name.rawValue
      text.sample([("upstream", name), ("outcome", "ok")], upstream.catalogue.refreshes)
      text.sample([("upstream", name), ("outcome", "failed")], upstream.catalogue.failures)
    }
  }

  private func writeBreakers(to text: inout PrometheusText) {
    text.gauge("breaker_open", "1 while requests to an upstream are refused")
    for upstream in self.upstreams {
      text.sample([("upstream", upstream.name.rawValue)], upstream.breaker.isOpen ? 1 : 0)
    }
    text.gauge("breaker_consecutive_failures", "Failed exchanges in a row")
    for upstream in self.upstreams {
      text.sample([("upstream", upstream.name.rawValue)], upstream.breaker.consecutiveFailures)
    }
    text.counter("breaker_openings_total", "How often a breaker has opened")
    for upstream in self.upstreams {
      text.sample([("upstream", upstream.name.rawValue)], upstream.breaker.openings)
    }
    text.counter("breaker_refusals_total", "Requests refused by an open breaker")
    for upstream in self.upstreams {
      text.sample([("upstream", upstream.name.rawValue)], upstream.breaker.refusals)
    }
  }

  private func writeClients(to text: inout PrometheusText) {
    text.counter("clients_created_total", "Client records made", self.clients.created)
    text.counter("client_cache_hits_total", "Requests of clients with a record", self.clients.hits)
    text.counter("client_cache_misses_total", "Requests of clients without a record", self.clients.misses)
    text.counter("clients_evicted_total", "Client records forgotten", self.clients.evicted)
    text.counter(
      "clients_over_bound_total", "Client records kept above the bound because all were in use",
      self.clients.overBound)
    text.gauge("clients_cached", "Client records", self.clients.cached)
    text.gauge("clients_in_use", "Clients with a request in flight", self.clients.inUse)
  }
}

extension TokenCounts {
  /// By the words for a label.
  var byKind: [(String, UInt64)] {
    [
      ("input", self.input), ("output", self.output), ("cache_read", self.cacheRead),
      ("cache_write", self.cacheWrite),
    ]
  }
}
