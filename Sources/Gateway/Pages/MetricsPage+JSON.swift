internal import Wire

/// The same as JSON: the client counters at the top by their old names, the rest beside them.
extension MetricsPage {
  package var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    self.writeClients(to: &json)
    json.key("version")
    json.string(self.vitals.version)
    json.key("uptime_seconds")
    json.integer(self.vitals.uptimeSeconds)
    json.key("workers")
    json.integer(self.vitals.workers)
    json.key("connections")
    json.integer(self.vitals.connections)
    json.key("requests_in_flight")
    json.integer(self.vitals.exchanges)
    json.key("requests")
    self.writeRequests(to: &json)
    json.key("streams")
    json.beginObject()
    json.key("complete")
    json.count(self.metrics.streams.complete)
    json.key("broken")
    json.count(self.metrics.streams.broken)
    json.key("abandoned")
    json.count(self.metrics.streams.abandoned)
    json.endObject()
    json.key("translation_losses")
    json.beginObject()
    json.key("dropped")
    json.count(self.metrics.dropped)
    json.key("changed")
    json.count(self.metrics.changed)
    json.endObject()
    json.key("upstreams")
    self.writeUpstreams(to: &json)
    json.endObject()
    return json.takeBytes() + [0x0A]
  }

  private func writeClients(to json: inout JSONWriter) {
    json.key("clients_created")
    json.count(self.clients.created)
    json.key("cache_hits")
    json.count(self.clients.hits)
    json.key("cache_misses")
    json.count(self.clients.misses)
    // Of the moment, not of the last time a record was made, as it used to be.
    json.key("active_clients")
    json.integer(self.clients.cached)
    json.key("clients_evicted")
    json.count(self.clients.evicted)
    json.key("cached_clients")
    json.integer(self.clients.cached)
    json.key("max_clients")
    json.integer(ClientRecords.mostRecords)
    json.key("client_ttl")
    json.integer(Int(ClientRecords.idleMilliseconds / 1_000))
    json.key("clients_in_use")
    json.integer(self.clients.inUse)
    json.key("clients_over_bound")
    json.count(self.clients.overBound)
  }

  private func writeRequests(to json: inout JSONWriter) {
    json.beginObject()
    for (route, tally) in self.metrics.routes.sorted(by: { $0.key < $1.key }) {
      json.key(text: route)
      json.beginObject()
      for (status, count) in tally.statuses.sorted(by: { $0.key < $1.key }) {
        json.key(text: status >= 100 ? String(status) : "\(status)xx")
        json.count(count)
      }
      json.endObject()
    }
    json.endObject()
  }

  private func writeUpstreams(to json: inout JSONWriter) {
    json.beginObject()
    for upstream in self.upstreams {
      let tally = self.metrics.upstreams[upstream.name]
      json.key(text: upstream.name.rawValue)
      json.beginObject()
      json.key("outcomes")
      json.beginObject()
      for (index, word) in UpstreamOutcome.words.enumerated() {
        json.key(text: word)
        json.count(tally?.outcomes[index] ?? 0)
      }
      json.endObject()
      json.key("retries")
      json.count(tally?.retries ?? 0)
      json.key("tokens")
      json.beginObject()
      for (kind, count) in (tally?.tokens ?? TokenCounts()).byKind {
        json.key(text: kind)
        json.count(count)
      }
      json.endObject()
      json.key("circuit_breaker")
      upstream.breaker.write(to: &json)
      json.key("models")
      json.integer(upstream.catalogue.models)
      json.endObject()
    }
    json.endObject()
  }
}

extension JSONWriter {
  mutating func count(_ value: UInt64) { self.integer(Int(clamping: value)) }
}

extension BreakerReading {
  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.key("is_open")
    json.bool(self.isOpen)
    json.key("consecutive_failures")
    json.integer(self.consecutiveFailures)
    json.key("openings")
    json.count(self.openings)
    json.key("refusals")
    json.count(self.refusals)
    json.endObject()
  }
}
