internal import Wire

/// The same as JSON: the client counters at the top by their old names, the rest beside them.
extension MetricsPage {
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      self.writeClients(to: &json)
      json.member("version", self.vitals.version)
      json.member("uptime_seconds", self.vitals.uptimeSeconds)
      json.member("workers", self.vitals.workers)
      json.member("connections", self.vitals.connections)
      json.member("requests_in_flight", self.vitals.exchanges)
      json.object("requests", self.writeRequests)
      json.object("streams") { json in
        json.member("complete", self.metrics.streams.complete)
        json.member("broken", self.metrics.streams.broken)
        json.member("abandoned", self.metrics.streams.abandoned)
      }
      json.object("translation_losses") { json in
        json.member("dropped", self.metrics.dropped)
        json.member("changed", self.metrics.changed)
      }
      json.object("upstreams") { json in
        for upstream in self.upstreams {
          json.object(text: upstream.name.rawValue) { self.write(upstream, to: &$0) }
        }
      }
    }
    return json.takeBytes() + [0x0A]
  }

  private func writeClients(to json: inout JSONWriter) {
    json.member("clients_created", self.clients.created)
    json.member("cache_hits", self.clients.hits)
    json.member("cache_misses", self.clients.misses)
    // Of the moment, not of the last time a record was made, as it used to be.
    json.member("active_clients", self.clients.cached)
    json.member("clients_evicted", self.clients.evicted)
    json.member("cached_clients", self.clients.cached)
    json.member("max_clients", ClientRecords.mostRecords)
    json.member("client_ttl", Int(ClientRecords.idleMilliseconds / 1_000))
    json.member("clients_in_use", self.clients.inUse)
    json.member("clients_over_bound", self.clients.overBound)
  }

  private func writeRequests(to json: inout JSONWriter) {
    for (route, tally) in self.metrics.routes.sorted(by: { $0.key < $1.key }) {
      json.object(text: route) { json in
        for (status, count) in tally.statuses.sorted(by: { $0.key < $1.key }) {
          json.key(text: status >= 100 ? String(status) : "\(status)xx")
          json.count(count)
        }
      }
    }
  }

  private func write(_ upstream: UpstreamReading, to json: inout JSONWriter) {
    let tally = self.metrics.upstreams[upstream.name]
    json.object("outcomes") { json in
      for (index, word) in UpstreamOutcome.words.enumerated() {
        json.key(text: word)
        json.count(tally?.outcomes[index] ?? 0)
      }
    }
    json.member("retries", tally?.retries ?? 0)
    json.object("tokens") { json in
      for (kind, count) in (tally?.tokens ?? TokenCounts()).byKind {
        json.key(text: kind)
        json.count(count)
      }
    }
    json.object("circuit_breaker", upstream.breaker.write)
    json.member("models", upstream.catalogue.models)
  }
}

extension JSONWriter {
  fileprivate mutating func count(_ value: UInt64) { self.integer(Int(clamping: value)) }
}

extension BreakerReading {
  fileprivate func write(to json: inout JSONWriter) {
    json.member("is_open", self.isOpen)
    json.member("consecutive_failures", self.consecutiveFailures)
    json.member("openings", self.openings)
    json.member("refusals", self.refusals)
  }
}
