internal import Gateway
internal import Tokens

/// Who waits for a number of tokens.
protocol CountOwner: AnyObject {
  func countEnded(_ count: Count, _ tokens: TokenCount)
}

/// The counting of one request, done in turns of its worker's loop.
final class Count {
  private(set) weak var owner: (any CountOwner)?
  fileprivate var counting: RequestCounting
  fileprivate let encoding: EncodingName?

  init(_ counting: RequestCounting, owner: any CountOwner) {
    self.counting = counting
    self.encoding = counting.encoding
    self.owner = owner
  }
}

/// What a worker has to count. A turn of the loop counts a bounded number of bytes, whoever waits for them.
struct CountQueue {
  private var counts: [Count] = []

  var isEmpty: Bool { self.counts.isEmpty }

  mutating func add(_ count: Count) { self.counts.append(count) }

  mutating func remove(_ count: Count) { self.counts.removeAll { $0 === count } }

  /// One turn's share, everybody in turn; those that are done.
  mutating func advance() -> [(Count, TokenCount)] {
    var ended: [(Count, TokenCount)] = []
    var left = RequestCounting.slice
    while left > 0, !self.counts.isEmpty {
      let count = self.counts.removeFirst()
      // A short request does not use its share up. What is escaped is looked at twice, and each part has its price.
      let share = min(left, 2 * count.counting.bytes + 256)
      left -= share
      if let tokens = count.counting.advance(share) {
        ended.append((count, TokenCount(tokens, by: count.encoding)))
      } else {
        self.counts.append(count)
      }
    }
    return ended
  }
}
