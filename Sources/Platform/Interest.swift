internal import CPlatform

/// What an event loop is asked to watch a descriptor for.
package struct Interest: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package static let read = Interest(rawValue: EPOLLIN.rawValue)
  package static let write = Interest(rawValue: EPOLLOUT.rawValue)
  /// The peer will send no more. Watched for also while nothing is read, so that an abort is seen at once.
  package static let hangUp = Interest(rawValue: EPOLLRDHUP.rawValue)

  // Sets with a name: a literal costs a thousand instructions wherever it stands.
  package static let nothing: Interest = []
  package static let readAndHangUp: Interest = [.read, .hangUp]
  package static let readAndWrite: Interest = [.read, .write]
}

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package static let read = Readiness(rawValue: EPOLLIN.rawValue)
  package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
  package static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
  package static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
  package static let failed = Readiness(rawValue: EPOLLERR.rawValue)

  /// There is something to read, be it an end.
  package static let incoming: Readiness = [.read, .peerClosed, .hungUp]
  /// A read has something to say, be it why there is no more.
  package static let readable: Readiness = [.read, .peerClosed, .hungUp, .failed]
  /// The peer sends no more.
  package static let ended: Readiness = [.peerClosed, .hungUp]
  package static let readOrPeerClosed: Readiness = [.read, .peerClosed]
}
