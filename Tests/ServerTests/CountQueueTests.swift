import Testing
import Tokens
import Wire

@testable import Gateway
@testable import Server

/// Counting in turns: bounded, fair, and over when nobody waits.
@Suite struct CountQueueTests {
  private final class Waiter: CountOwner {
    func countEnded(_ count: Count, _ tokens: TokenCount) {}
  }

  private let waiter = Waiter()
  private let counter = TokenCounter(Vocabularies(), CountingRules())

  private func count(characters: Int) throws -> Count {
    let text = String(repeating: "abcd", count: characters / 4)
    let request = try JSONDocument(#"{"messages":[{"role":"user","content":"\#(text)"}]}"#)
    return Count(Countable(request: request, model: "m").begin(self.counter), owner: self.waiter)
  }

  /// The turns until each of these has ended, and what it came to.
  private func turns(_ queue: inout CountQueue, until counts: [Count]) throws -> [(turn: Int, tokens: Int)] {
    var ended: [(Count, Int, Int)] = []
    var turn = 0
    while ended.count < counts.count {
      turn += 1
      ended += queue.advance().map { ($0.0, turn, $0.1.tokens) }
      try #require(turn < 10_000)
    }
    return counts.compactMap { count in ended.first { $0.0 === count }.map { ($0.1, $0.2) } }
  }

  @Test("a long request takes as many turns as it has slices, and a short one does not wait for it")
  func turns() throws {
    let size = 64 * RequestCounting.slice
    let long = try self.count(characters: size)
    let short = try self.count(characters: 400)
    var queue = CountQueue()
    queue.add(long)
    queue.add(short)
    let ends = try self.turns(&queue, until: [long, short])
    #expect(ends.map(\.tokens) == [size / 4, 100])
    #expect(ends[0].turn >= 64 && ends[0].turn <= 80)
    #expect(ends[1].turn <= 2)
    #expect(queue.isEmpty)
  }

  @Test("two long ones share the turns")
  func share() throws {
    let size = 16 * RequestCounting.slice
    let counts = [try self.count(characters: size), try self.count(characters: size)]
    var queue = CountQueue()
    for count in counts { queue.add(count) }
    let ends = try self.turns(&queue, until: counts)
    #expect(ends[0].turn >= 31 && ends[1].turn - ends[0].turn <= 2)
  }

  @Test("many short ones are done in one turn")
  func many() throws {
    var queue = CountQueue()
    for _ in 0..<20 { queue.add(try self.count(characters: 40)) }
    #expect(queue.advance().count == 20)
  }

  @Test("what nobody waits for is not counted")
  func removed() throws {
    let long = try self.count(characters: 1 << 20)
    var queue = CountQueue()
    queue.add(long)
    #expect(queue.advance().isEmpty && !queue.isEmpty)
    queue.remove(long)
    #expect(queue.isEmpty && queue.advance().isEmpty)
  }
}
