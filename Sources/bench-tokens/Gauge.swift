import Glibc

/// What the kernel says of this process.
enum Gauge {
  /// Processor time of this thread.
  static func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func best(of rounds: Int, _ work: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
      let start = self.seconds()
      work()
      best = min(best, self.seconds() - start)
    }
    return best
  }

  /// Resident memory, the pages of mapped files included.
  static func residentBytes() -> Int {
    let file = unsafe open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    let words = self.read(file).split(separator: 0x20)
    return words.count > 1 ? (Int(String(decoding: words[1], as: UTF8.self)) ?? 0) * 4096 : 0
  }

  static func standardInput() -> [UInt8] { self.read(0) }

  private static func read(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
      if count <= 0 { return bytes }
      bytes += chunk.prefix(count)
    }
  }
}
