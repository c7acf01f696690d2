import Gateway
import Testing

/// When a backend is asked for its models, in virtual time.
@Suite struct DiscoveryScheduleTests {
  @Test("it is asked at once, then every minute from question to question")
  func everyMinute() {
    var schedule = DiscoverySchedule()
    #expect(schedule.due(now: 5) == .nothing && schedule.millisecondsUntilDue(from: 5) == nil)
    schedule.configured(hasBackend: true, now: 1_000)
    var asked: [UInt64] = []
    for now in stride(from: UInt64(1_000), through: 200_000, by: 500) where schedule.due(now: now) == .ask {
      schedule.asked(now: now)
      asked.append(now)
      schedule.ended()
    }
    #expect(asked == [1_000, 61_000, 121_000, 181_000])
  }

  @Test("one question at a time; one that gets no answer is given up after 30 s and the minute still counts")
  func silence() {
    var schedule = DiscoverySchedule()
    schedule.configured(hasBackend: true, now: 0)
    schedule.asked(now: 0)
    #expect(schedule.isAsking && schedule.due(now: 29_999) == .nothing)
    #expect(schedule.millisecondsUntilDue(from: 10_000) == 20_000)
    #expect(schedule.due(now: 30_000) == .giveUp)
    schedule.ended()
    #expect(schedule.due(now: 59_999) == .nothing && schedule.millisecondsUntilDue(from: 59_999) == 1)
    #expect(schedule.due(now: 60_000) == .ask)
  }

  @Test("a new configuration asks at once, or never again without a backend")
  func configurations() {
    var schedule = DiscoverySchedule()
    schedule.configured(hasBackend: true, now: 0)
    schedule.asked(now: 0)
    schedule.configured(hasBackend: true, now: 7_000)
    #expect(!schedule.isAsking && schedule.due(now: 7_000) == .ask)
    schedule.asked(now: 7_000)
    schedule.configured(hasBackend: false, now: 8_000)
    #expect(schedule.due(now: .max) == .nothing && schedule.millisecondsUntilDue(from: 8_000) == nil)
  }
}
