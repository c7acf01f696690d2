import Foundation
import Gateway
import Testing

/// What is counted, and how the page spells it.
@Suite struct MetricsTests {
  private func page(_ requests: [FinishedRequest]) -> MetricsPage {
    var page = MetricsPage()
    for request in requests { page.metrics.count(request) }
    page.upstreams = [MetricsPage.UpstreamReading(.openAI)]
    return page
  }

  private func lines(_ page: MetricsPage) -> [String] {
    String(decoding: page.text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func request(_ status: Int, _ outcome: UpstreamOutcome? = nil) -> FinishedRequest {
    var request = FinishedRequest(route: .messages, status: status)
    request.durationMicroseconds = 30_000
    request.upstream = outcome == nil ? nil : .openAI
    request.outcome = outcome
    return request
  }

  @Test("requests by route, status and class")
  func requests() {
    let lines = self.lines(
      self.page([
        self.request(200), self.request(200), self.request(429), FinishedRequest(route: nil, status: 404),
      ]))
    #expect(lines.contains(#"claude_proxy_requests_total{route="messages",status="200",class="2xx"} 2"#))
    #expect(lines.contains(#"claude_proxy_requests_total{route="messages",status="429",class="4xx"} 1"#))
    #expect(lines.contains(#"claude_proxy_requests_total{route="none",status="404",class="4xx"} 1"#))
  }

  @Test("statuses an upstream makes up share a series a hundred")
  func madeUpStatuses() {
    let page = self.page(
      (100...999).map { self.request($0) } + [self.request(0), self.request(-7), self.request(.max)])
    let series = self.lines(page).filter { $0.hasPrefix("claude_proxy_requests_total{") }
    #expect(series.count <= 32)
    #expect(series.contains(#"claude_proxy_requests_total{route="messages",status="other",class="2xx"} 99"#))
  }

  @Test("durations fall into cumulative buckets")
  func durations() {
    var slow = self.request(200, .answered(200))
    slow.durationMicroseconds = 700_000_000
    slow.firstTokenMicroseconds = 1_200_000
    let lines = self.lines(self.page([self.request(200), slow]))
    let name = "claude_proxy_request_duration_seconds"
    #expect(lines.contains(#"\#(name)_bucket{route="messages",le="0.025"} 0"#))
    #expect(lines.contains(#"\#(name)_bucket{route="messages",le="0.05"} 1"#))
    #expect(lines.contains(#"\#(name)_bucket{route="messages",le="600"} 1"#))
    #expect(lines.contains(#"\#(name)_bucket{route="messages",le="+Inf"} 2"#))
    #expect(lines.contains(#"\#(name)_sum{route="messages"} 700.03"#))
    #expect(lines.contains(#"\#(name)_count{route="messages"} 2"#))
    #expect(lines.contains(#"claude_proxy_time_to_first_token_seconds_bucket{route="messages",le="1"} 0"#))
    #expect(lines.contains(#"claude_proxy_time_to_first_token_seconds_bucket{route="messages",le="2.5"} 1"#))
  }

  @Test("outcomes, tokens, streams, losses and retries")
  func exchanges() {
    var good = self.request(200, .answered(200))
    good.isStream = true
    good.retries = 2
    (good.dropped, good.changed) = (3, 1)
    good.tokens.input = 7
    good.tokens.output = 5
    good.tokens.cacheRead = 4
    var broken = self.request(200, .broken)
    broken.isStream = true
    var left = self.request(499, .abandoned)
    left.isStream = true
    let lines = self.lines(
      self.page([good, broken, left, self.request(504, .timedOut), self.request(429, .answered(429))]))
    for (outcome, count) in [
      ("ok", 1), ("broken", 1), ("abandoned", 1), ("timeout", 1), ("rate_limited", 1), ("server_error", 0),
    ] {
      #expect(
        lines.contains(
          #"claude_proxy_upstream_exchanges_total{upstream="openai",outcome="\#(outcome)"} \#(count)"#))
    }
    #expect(lines.contains(#"claude_proxy_tokens_total{upstream="openai",kind="input"} 7"#))
    #expect(lines.contains(#"claude_proxy_tokens_total{upstream="openai",kind="cache_read"} 4"#))
    #expect(lines.contains(#"claude_proxy_streams_total{end="complete"} 1"#))
    #expect(lines.contains(#"claude_proxy_streams_total{end="broken"} 1"#))
    #expect(lines.contains(#"claude_proxy_streams_total{end="abandoned"} 1"#))
    #expect(lines.contains(#"claude_proxy_translation_losses_total{kind="dropped"} 3"#))
    #expect(lines.contains(#"claude_proxy_upstream_retries_total{upstream="openai"} 2"#))
  }

  @Test("every family says what it is before its first sample, once")
  func format() {
    var kind = ""
    var seen: Set<String> = []
    for line in self.lines(self.page([self.request(200, .answered(200))])) {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        kind = String(words[2])
        #expect(seen.insert(kind).inserted && ["counter", "gauge", "histogram"].contains(words[3]))
      } else if !line.hasPrefix("#") {
        #expect(line.hasPrefix(kind), "\(line) belongs to another family")
        #expect(Double(line.split(separator: " ").last ?? "") != nil)
      }
    }
    #expect(seen.count > 20)
  }

  @Test("the JSON has the old names at its top")
  func json() throws {
    var page = self.page([self.request(200, .answered(200))])
    page.clients.created = 3
    page.clients.hits = 9
    page.clients.cached = 2
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(page.json)) as? [String: Any])
    #expect(object["clients_created"] as? Int == 3 && object["cache_hits"] as? Int == 9)
    #expect(object["cached_clients"] as? Int == 2 && object["active_clients"] as? Int == 2)
    #expect(object["max_clients"] as? Int == 50 && object["client_ttl"] as? Int == 3_600)
    #expect(object["cache_misses"] as? Int == 0 && object["clients_evicted"] as? Int == 0)
    let requests = try #require(object["requests"] as? [String: [String: Int]])
    #expect(requests == ["messages": ["200": 1]])
  }
}
