import Gateway
import Testing

/// What is remembered of client keys, in virtual time.
@Suite struct ClientRecordsTests {
  final class Run {
    var records = ClientRecords()
    var now: UInt64 = 10_000_000

    func begin(_ key: String) -> ClientVisit {
      var visit = self.records.arrived(ClientMark(key: key.utf8), now: self.now)
      self.records.accepted(&visit, now: self.now)
      return visit
    }

    func end(_ visit: ClientVisit) { self.records.left(visit, now: self.now) }

    func request(_ key: String) { self.end(self.begin(key)) }

    var reading: ClientCounters { self.records.reading(now: self.now) }
  }

  @Test("the first request of a key is a miss and makes a record, the next is a hit")
  func hitsAndMisses() {
    let run = Run()
    for _ in 0..<3 { run.request("sk-a") }
    run.request("sk-b")
    let reading = run.reading
    #expect(reading.misses == 2 && reading.hits == 2 && reading.created == 2)
    #expect(reading.cached == 2 && reading.inUse == 0 && reading.evicted == 0)
  }

  @Test("the 51st key puts out the one that was not used for longest, and no stream of its own ends")
  func leastRecentlyUsed() {
    let run = Run()
    let stream = run.begin("sk-1")
    for number in 2...50 {
      run.now += 1
      run.request("sk-\(number)")
    }
    run.now += 1
    run.request("sk-2")
    run.request("sk-51")
    #expect(run.reading.cached == 50 && run.reading.evicted == 1 && run.reading.overBound == 0)
    #expect(run.reading.inUse == 1, "the stream of the first key is still counted")
    let hits = run.reading.hits
    run.request("sk-2")
    #expect(run.reading.hits == hits + 1, "used lately, so it stayed")
    run.request("sk-3")
    #expect(run.reading.hits == hits + 1, "not used for longest, so it went")
    run.end(stream)
    #expect(run.reading.inUse == 0)
  }

  @Test("sixty keys in use at once lose nothing: the bound is exceeded, counted, and kept again afterwards")
  func sixtyAtOnce() {
    let run = Run()
    let visits = (1...60).map { run.begin("sk-\($0)") }
    #expect(run.reading.cached == 60 && run.reading.inUse == 60)
    #expect(run.reading.overBound == 10 && run.reading.evicted == 0)
    for visit in visits { run.end(visit) }
    #expect(run.reading.cached == 50 && run.reading.inUse == 0 && run.reading.evicted == 10)
  }

  @Test("whoever is idle for more than an hour is forgotten by the next sweep, who is not stays")
  func idle() {
    let run = Run()
    run.request("sk-idle")
    let stream = run.begin("sk-busy")
    run.now += ClientRecords.idleMilliseconds
    #expect(run.reading.cached == 2)
    run.now += ClientRecords.sweepMilliseconds
    #expect(run.reading.cached == 1 && run.reading.evicted == 1)
    run.end(stream)
    run.now += ClientRecords.idleMilliseconds + ClientRecords.sweepMilliseconds
    #expect(run.reading.cached == 0 && run.reading.evicted == 2)
  }

  @Test("a key that no upstream accepted makes no record and puts nobody out")
  func madeUpKeys() {
    let run = Run()
    for number in 1...50 { run.request("sk-\(number)") }
    for number in 0..<1_000 {
      let visit = run.records.arrived(ClientMark(key: "sk-made-up-\(number)".utf8), now: run.now)
      #expect(!visit.isCounted)
      run.end(visit)
    }
    #expect(run.reading.cached == 50 && run.reading.created == 50 && run.reading.evicted == 0)
    #expect(run.reading.misses == 1_050)
  }

  @Test("a key's first requests at once share one record")
  func together() {
    let run = Run()
    let mark = ClientMark(key: "sk-a".utf8)
    var first = run.records.arrived(mark, now: run.now)
    var second = run.records.arrived(mark, now: run.now)
    run.records.accepted(&first, now: run.now)
    run.records.accepted(&second, now: run.now)
    #expect(run.reading.created == 1 && run.reading.cached == 1 && run.reading.misses == 2)
    run.end(first)
    #expect(run.reading.inUse == 1)
    run.end(second)
    #expect(run.reading.inUse == 0)
  }

  @Test("a mark tells keys apart and holds nothing of them")
  func marks() {
    let keys = (0..<2_000).map { "sk-key-\($0)" } + ["", "sk", "sk-"]
    let marks = Set(keys.map { ClientMark(key: $0.utf8) })
    #expect(marks.count == keys.count)
    #expect(ClientMark(key: Array("sk-a".utf8)) == ClientMark(key: "sk-a".utf8))
    #expect(ClientMark(key: [0x73, 0x6B][...]) == ClientMark(key: "sk".utf8))
    let text = ClientMark(key: "sk-key-1".utf8).text
    #expect(text.utf8.count == 32 && !text.contains("sk-"))
  }
}
