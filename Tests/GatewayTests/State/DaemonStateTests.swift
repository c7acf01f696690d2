import Dialogue
import Dispatch
import Gateway
import Settings
import Synchronization
import Testing

/// What all workers share, asked the way four of them ask it at once.
@Suite struct DaemonStateTests {
  private func plan(_ url: String) throws -> UpstreamPlan { try Requests.openAI(.dynamic, url: url) }

  private func fourWorkers(_ body: @escaping @Sendable (Int) -> Void) {
    DispatchQueue.concurrentPerform(iterations: 4, execute: body)
  }

  @Test("an address that stays keeps its state over a reload, one that goes loses it")
  func reload() throws {
    let state = DaemonState()
    let first = try self.plan("http://one.example/v1/chat/completions")
    let choice = try #require(first.messages)
    let upstream = state.upstream(choice)
    for _ in 0..<5 { upstream.fail(now: 1_000) }
    state.keepOnly(first)
    #expect(state.upstream(choice) === upstream && state.upstream(choice).breakerReading.isOpen)
    state.keepOnly(try self.plan("http://two.example/v1/chat/completions"))
    #expect(state.upstream(choice) !== upstream && !state.upstream(choice).breakerReading.isOpen)
  }

  @Test("the same address in another protocol is another upstream")
  func protocols() throws {
    let state = DaemonState()
    #expect(state.upstream(.openAI, at: "http://x/") !== state.upstream(.anthropic, at: "http://x/"))
  }

  @Test("four workers at an open breaker: one probe among them")
  func oneProbe() throws {
    let upstream = DaemonState().upstream(.openAI, at: "http://x/")
    for _ in 0..<5 { upstream.fail(now: 0) }
    let passes = Mutex<[BreakerPass]>([])
    self.fourWorkers { _ in
      for _ in 0..<1_000 {
        if case .pass(let pass) = upstream.admit(now: 30_000) { passes.withLock { $0.append(pass) } }
      }
    }
    let probes = passes.withLock { $0 }
    #expect(probes.count == 1 && probes.allSatisfy(\.isProbe))
    #expect(upstream.breakerReading.refusals == 3_999)
    for pass in probes { upstream.ended(pass, .answered(200), now: 30_001) }
    #expect(!upstream.breakerReading.isOpen)
  }

  @Test("four workers share one user id, before and after its five hours")
  func oneUserID() {
    let upstream = DaemonState().upstream(.anthropic, at: "http://x/")
    for now in [0, UserIdentity.lifetimeMilliseconds, UserIdentity.lifetimeMilliseconds + 1] {
      let ids = Mutex<Set<String>>([])
      self.fourWorkers { _ in
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
          let id = upstream.userID(now: now, wallSeconds: 0) { generator.next() }
          ids.withLock { _ = $0.insert(id) }
        }
      }
      #expect(ids.withLock { $0.count } == 1)
    }
  }

  @Test("sixty keys at once on four workers: nobody is lost, and the records end where they should")
  func sixtyKeys() {
    let state = DaemonState()
    self.fourWorkers { worker in
      for round in 0..<50 {
        let keys = (0..<60).map { "sk-key-\(($0 + worker * 15) % 60)" }
        let visits = keys.map { key in
          var visit = state.clientArrived(ClientMark(key: key.utf8), now: UInt64(round))
          state.clientAccepted(&visit, now: UInt64(round))
          return visit
        }
        for visit in visits { state.clientLeft(visit, now: UInt64(round)) }
      }
    }
    let counters = state.clientCounters(now: 50)
    #expect(counters.inUse == 0 && counters.cached == 50)
    #expect(counters.hits + counters.misses == 4 * 50 * 60)
    #expect(counters.created - counters.evicted == 50)
    #expect(state.clientCounters(now: 50 + 3_600_000 + 300_000).cached == 0)
  }

  @Test("four workers count every request")
  func counting() {
    let state = DaemonState()
    self.fourWorkers { _ in
      for _ in 0..<2_500 { state.count(FinishedRequest(route: .messages, status: 200)) }
    }
    #expect(state.metrics.routes["messages"]?.duration.count == 10_000)
  }

  @Test("a list is replaced while others read it: each sees one whole list")
  func models() throws {
    let upstream = DaemonState().upstream(.openAI, at: "http://x/")
    let lists = [["a/1", "a/2"], ["b/1", "b/2"]].map { ids in ModelList(ids.map { PublishedModel(id: $0) }) }
    self.fourWorkers { worker in
      for turn in 0..<2_000 {
        if worker == 0 { upstream.learned(lists[turn % 2], now: UInt64(turn)) }
        guard let seen = upstream.models else { continue }
        #expect(
          seen.models.map(\.id) == lists[0].models.map(\.id)
            || seen.models.map(\.id) == lists[1].models.map(\.id))
      }
    }
    #expect(upstream.catalogueReading(now: 5_000).refreshes == 2_000)
  }

  @Test("a backend that wants a key says so until a list came")
  func wantsKey() {
    let upstream = DaemonState().upstream(.openAI, at: "http://x/")
    #expect(!upstream.wantsClientKey)
    upstream.discoveryFailed(.needsKey)
    #expect(upstream.wantsClientKey && upstream.models == nil)
    #expect(upstream.takeKeyWish() && !upstream.takeKeyWish(), "one client is asked, not all")
    upstream.discoveryFailed(.needsKey)
    upstream.learned(ModelList([PublishedModel(id: "m")]), now: 0)
    #expect(!upstream.wantsClientKey)
  }

  @Test("what was refused is known per model, and bounded")
  func drops() {
    let upstream = DaemonState().upstream(.openAI, at: "http://x/")
    #expect(upstream.learnedDrops.fields(for: "m").isEmpty)
    upstream.learnDrop("top_k", for: "m")
    upstream.learnDrop("top_k", for: "m")
    upstream.learnDrop("seed", for: "m")
    #expect(
      upstream.learnedDrops.fields(for: "m") == ["top_k", "seed"]
        && upstream.learnedDrops.fields(for: "n").isEmpty)
    for number in 0..<1_000 {
      upstream.learnDrop("field", for: "model-\(number)")
      upstream.learnDrop("field-\(number)", for: "one")
    }
    upstream.learnDrop(String(repeating: "x", count: 1_000), for: "m")
    #expect(upstream.allDrops.count == LearnedDrops.mostModels)
    #expect(upstream.learnedDrops.fields(for: "one").count <= LearnedDrops.mostFields)
  }

  @Test("a tool's state comes back to the client and the upstream it belongs to, and to no other")
  func toolStates() {
    let state = DaemonState()
    let (one, other) = (ClientMark(key: "a".utf8), ClientMark(key: "b".utf8))
    #expect(state.toolState(client: one, upstream: "u", call: "c") == nil)
    state.rememberToolStates([.init(call: "c", state: [1, 2])], client: one, upstream: "u")
    #expect(state.toolState(client: one, upstream: "u", call: "c") == [1, 2])
    #expect(state.toolState(client: other, upstream: "u", call: "c") == nil)
    #expect(state.toolState(client: nil, upstream: "u", call: "c") == nil)
    #expect(state.toolState(client: one, upstream: "v", call: "c") == nil)
  }
}

extension UpstreamState {
  fileprivate func fail(now: UInt64) {
    guard case .pass(let pass) = self.admit(now: now) else { return }
    self.ended(pass, .unreachable, now: now)
  }
}
