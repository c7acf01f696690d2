import Testing

@testable import Settings

/// The table itself, and the range of each of its rows.
@Suite struct SettingTableTests {
  @Test("no name stands twice, and no known name is also a row")
  func names() {
    #expect(Set(SettingTable.names).count == SettingTable.names.count)
    #expect(Set(KnownName.all.map(\.name)).count == KnownName.all.count)
    for name in SettingTable.names { #expect(!KnownName.all.contains { $0.covers(name) }, "\(name)") }
  }

  @Test("a number is accepted at both edges of its range and refused beyond them", arguments: numbers)
  func range(name: String, range: ClosedRange<Int>) {
    #expect(Configuration("\(name)=\(range.lowerBound)").faults.isEmpty)
    #expect(Configuration("\(name)=\(range.upperBound)").faults.isEmpty)
    let beyond = [
      "\(range.lowerBound - 1)", "\(range.upperBound + 1)", "9223372036854775808", "1.5", "x", "0x1", "1 2",
    ]
    for value in beyond {
      let faults = Configuration("\n\(name)=\(value)").faults
      #expect(faults.count == 1 && faults[0].hasPrefix("claude-proxy.env:2: \(name): \"\(value)\""))
      #expect(faults[0].contains("from \(range.lowerBound) to \(range.upperBound)"))
    }
  }

  static let numbers: [(String, ClosedRange<Int>)] = SettingTable.rows.compactMap { row in
    switch row.kind.syntax {
    case .integer(let range), .seconds(let range), .bytes(let range): (row.name, range)
    case .decimal, .boolean, .word, .text, .secret, .secretList, .url, .json, .header: nil
    }
  }

  @Test(
    "a value with a unit is that many seconds or bytes",
    arguments: [
      (SettingSyntax.seconds(0...86_400), "90s", 90), (.seconds(0...86_400), "5 min", 300),
      (.seconds(0...86_400), "2H", 7200), (.seconds(0...86_400), "25h", nil),
      (.seconds(0...86_400), "5m", nil),
      (.bytes(1...2_147_483_647), "32M", 33_554_432), (.bytes(1...2_147_483_647), "1 KiB", 1024),
      (.bytes(1...2_147_483_647), "2G", nil), (.bytes(1...2_147_483_647), "9999999999999999G", nil),
      (.integer(0...9), "1s", nil), (.integer(0...9), "", nil), (.integer(0...9), "-1", nil),
      (.integer(-5...9), "-5", -5), (.integer(-5...9), "--5", nil), (.integer(-5...9), "-", nil),
      (.integer(-5...9), "-9223372036854775808", nil),
      (.integer(0...9), "\u{0663}", nil),
    ] as [(SettingSyntax, String, Int?)])
  func units(syntax: SettingSyntax, text: String, expected: Int?) {
    #expect(syntax.parseNumber(text) == expected)
  }

  @Test(
    "limits clamp as gunicorn's do",
    arguments: [
      ("GUNICORN_LIMIT_REQUEST_LINE=0", \Settings.limits.requestLineBytes, 65_536),
      ("GUNICORN_LIMIT_REQUEST_LINE=8190", \.limits.requestLineBytes, 8190),
      ("GUNICORN_LIMIT_REQUEST_LINE=9000", \.limits.requestLineBytes, 8190),
      ("GUNICORN_LIMIT_REQUEST_FIELDS=0", \.limits.requestFields, 32_768),
      ("GUNICORN_LIMIT_REQUEST_FIELDS=40000", \.limits.requestFields, 32_768),
      ("GUNICORN_LIMIT_REQUEST_FIELD_SIZE=0", \.limits.requestFieldBytes, 8190),
      ("GUNICORN_LIMIT_REQUEST_FIELD_SIZE=16384", \.limits.requestFieldBytes, 16_384),
    ] as [(String, any KeyPath<Settings, Int> & Sendable, Int)])
  func clamps(text: String, field: any KeyPath<Settings, Int> & Sendable, expected: Int) throws {
    #expect(try Configuration(text).settings()[keyPath: field] == expected)
  }

  @Test(
    "a boolean has five spellings each way, in any case",
    arguments: [
      ("1", true), ("true", true), ("YES", true), ("y", true), ("On", true),
      ("0", false), ("False", false), ("no", false), ("N", false), ("off", false),
    ])
  func booleans(word: String, expected: Bool) throws {
    let opposite = Configuration("UPSTREAM_HTTP2=\(word)")
    #expect(try opposite.settings().upstream.usesHTTP2 == expected)
  }

  @Test(
    "a worker's capacity follows its class",
    arguments: [
      ("", WorkerClass.async, 1000), ("GUNICORN_WORKER_CLASS=gevent", .async, 1000),
      ("GUNICORN_WORKER_CLASS=asgi\nGUNICORN_WORKER_CONNECTIONS=5", .async, 5),
      ("GUNICORN_WORKER_CLASS=sync", .sync, 1),
      ("GUNICORN_WORKER_CLASS=SYNC\nGUNICORN_THREADS=4", .gthread, 4),
      ("GUNICORN_WORKER_CLASS=gthread\nGUNICORN_THREADS=8", .gthread, 8),
      ("GUNICORN_THREADS=8", .async, 1000),
    ])
  func classes(text: String, workerClass: WorkerClass, capacity: Int) throws {
    let workers = try Configuration(text).settings().workers
    #expect(workers.workerClass == workerClass)
    #expect(workers.capacity == capacity)
  }

  @Test("the first log line says the class in words")
  func words() {
    #expect(
      WorkerSettings().inWords
        == "2 workers, class async, up to 1000 requests each (GUNICORN_WORKER_CLASS=sync: one each)")
  }

  @Test("every known name is warned about by name and stops nothing")
  func known() throws {
    let names = KnownName.all.map { $0.name.hasSuffix("*") ? $0.name.dropLast() + "X" : $0.name }
    let configuration = Configuration(names.map { "\($0)=x\n" }.joined())
    #expect(try configuration.settings() == Settings())
    for name in names { #expect(configuration.remarks.contains { $0.contains(" \(name): ") }) }
  }
}
