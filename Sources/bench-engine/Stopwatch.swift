import Glibc

/// Measures the processor time of this thread, which a busy machine does not change much.
enum Stopwatch {
  /// Seconds that one run of `work` takes: the best of several rounds of at least 20 ms each.
  static func seconds(rounds: Int = 15, _ work: () -> Void) -> Double {
    var runs = 1
    while self.round(runs, work) < 0.02 { runs *= 2 }
    var best = Double.infinity
    for _ in 0..<rounds { best = min(best, self.round(runs, work) / Double(runs)) }
    return best
  }

  private static func round(_ runs: Int, _ work: () -> Void) -> Double {
    let start = self.now
    for _ in 0..<runs { work() }
    return self.now - start
  }

  private static var now: Double {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
