internal import Gateway
internal import Glibc

/// What `DEBUG_FAULTS` lets an administrator do to this process.
enum Misbehaviour {
  /// Never comes back, whatever signals arrive.
  static func wedge() -> Never {
    while true { sleep(3_600) }
  }

  /// Comes back when a signal arrives.
  static func stall() {
    _ = poll(nil, 0, -1)
  }

  /// `most` is the largest number there is; as an argument, so that the compiler does not see through it.
  @inline(never)
  static func trap(_ most: Int) -> Int {
    most + 1
  }

  static func touchNothing() {
    unsafe UnsafeMutablePointer<UInt8>(bitPattern: 16)?.pointee = 1
  }
}

extension Worker {
  /// The reply is to leave first, so the fault waits for the next turn.
  func misbehaveSoon(_ fault: DebugFault) {
    self.handle.post(.misbehave(fault))
    guard fault == .wedgeTwoWorkers else { return }
    self.station.roster.all.first { $0 !== self.handle && !$0.isAbandoned }?.post(.misbehave(fault))
  }

  func misbehave(_ fault: DebugFault) {
    self.log.critical("debug fault \(fault.rawValue), as an administrator asked")
    self.log.flush(withinMilliseconds: 500)
    switch fault {
    case .wedgeWorker, .wedgeTwoWorkers: Misbehaviour.wedge()
    case .stallWorker: Misbehaviour.stall()
    case .wedgeAcceptor: self.station.acceptor.post(.wedge)
    case .trap: self.log.critical("\(Misbehaviour.trap(Int.max - (self.isCut ? 1 : 0)))")
    case .segv: Misbehaviour.touchNothing()
    case .fatalError: fatalError("a debug fault was asked for")
    }
  }
}
