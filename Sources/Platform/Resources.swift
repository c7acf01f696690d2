internal import CPlatform
internal import Glibc

/// What the kernel allows this process.
package enum Resources {
  /// Raises the soft limit of open descriptors to the hard one; answers with what it is then.
  @discardableResult
  package static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The allocator's lists of small blocks that are never joined: each block of 64 KiB that is freed has them all
  /// joined at once. Without them a request costs a tenth less.
  package static func keepSmallBlocksJoined() {
    _ = mallopt(M_MXFAST, 0)
  }

  /// Gives back what only the start needed: freed memory, and the pages of code and constants, half of which are never
  /// looked at again. Those that are come back from the page cache, sixteen at a time.
  package static func forgetStart() {
    self.giveBackFreedMemory()
    cp_unload_code()
  }

  /// Takes as long as there is much of it, and others who want memory wait meanwhile.
  package static func giveBackFreedMemory() {
    _ = malloc_trim(0)
  }

  package static var processID: Int32 { getpid() }

  /// A number nobody can guess, for identifiers.
  package static func randomBits() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// Bytes nobody can guess.
  package static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<max(0, count)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
