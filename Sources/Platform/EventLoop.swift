internal import CPlatform
internal import Glibc

/// Something that waits for a descriptor.
package protocol EventHandler: AnyObject {
  func descriptorReady(_ readiness: Readiness)
}

/// One thread's epoll: descriptors with their handlers, and the time of the turn.
///
/// Each registration carries a generation, so an event that was already fetched for a descriptor that has been closed
/// since, and whose number lives on in a new one, reaches nobody.
package final class EventLoop {
  /// Names one registration; stale after `forget`.
  package struct Token: Equatable, Sendable {
    fileprivate let slot: UInt32
    fileprivate let generation: UInt32

    fileprivate init(slot: UInt32, generation: UInt32) {
      self.slot = slot
      self.generation = generation
    }

    fileprivate init(unpacking packed: UInt64) {
      self.init(
        slot: UInt32(truncatingIfNeeded: packed), generation: UInt32(truncatingIfNeeded: packed >> 32))
    }

    fileprivate var packed: UInt64 { UInt64(self.generation) << 32 | UInt64(self.slot) }
  }

  private struct Slot {
    var generation: UInt32 = 0
    var descriptor: Int32 = -1
    var interest: Interest = []
    var handler: (any EventHandler)?
  }

  /// How many events one wait fetches. More than this is fetched by the next turn, so no descriptor starves another.
  private static let batch = 256

  private let epoll: OwnedDescriptor
  private var slots: [Slot] = []
  private var free: [UInt32] = []
  private var events: [cp_event]

  /// Milliseconds of the monotonic clock, read once a turn.
  package private(set) var now: UInt64

  package init() throws(Errno) {
    let raw = epoll_create1(O_CLOEXEC)
    guard raw >= 0 else { throw Errno.last }
    self.epoll = OwnedDescriptor(taking: raw)
    self.events = Array(repeating: cp_event(), count: Self.batch)
    self.now = Clock.monotonicMilliseconds()
  }

  package func watch(
    _ descriptor: Int32, for interest: Interest, _ handler: any EventHandler
  ) throws(Errno) -> Token {
    let slot = self.free.popLast() ?? self.addSlot()
    let index = Int(slot)
    let token = Token(slot: slot, generation: self.slots[index].generation)
    guard cp_epoll_add(self.epoll.raw, descriptor, interest.rawValue, token.packed) == 0 else {
      let failure = Errno.last
      self.free.append(slot)
      throw failure
    }
    self.slots[index].descriptor = descriptor
    self.slots[index].interest = interest
    self.slots[index].handler = handler
    return token
  }

  package func change(_ token: Token, to interest: Interest) {
    guard let index = self.live(token), self.slots[index].interest != interest else { return }
    self.slots[index].interest = interest
    let descriptor = self.slots[index].descriptor
    if cp_epoll_change(self.epoll.raw, descriptor, interest.rawValue, token.packed) != 0 {
      bug("a watched descriptor cannot be changed")
    }
  }

  /// Ends a registration. The descriptor must still be open.
  package func forget(_ token: Token) {
    guard let index = self.live(token) else { return }
    _ = cp_epoll_remove(self.epoll.raw, self.slots[index].descriptor)
    self.slots[index].generation &+= 1
    self.slots[index].descriptor = -1
    self.slots[index].handler = nil
    self.free.append(token.slot)
  }

  /// Waits for events, at most `milliseconds` (negative: for ever), and hands each to its handler.
  package func turn(waitingAtMost milliseconds: Int32) {
    let count = unsafe self.events.withUnsafeMutableBufferPointer { room in
      unsafe cp_epoll_wait(self.epoll.raw, room.baseAddress, Int32(room.count), milliseconds)
    }
    self.now = Clock.monotonicMilliseconds()
    // EINTR is an empty turn: signals are read elsewhere.
    guard count > 0 else { return }
    for position in 0..<min(Int(count), Self.batch) {
      let event = self.events[position]
      let token = Token(unpacking: event.token)
      guard let index = self.live(token), let handler = self.slots[index].handler else { continue }
      handler.descriptorReady(Readiness(rawValue: event.readiness))
    }
  }

  private func live(_ token: Token) -> Int? {
    let index = Int(token.slot)
    guard index < self.slots.count, self.slots[index].generation == token.generation else { return nil }
    return index
  }

  private func addSlot() -> UInt32 {
    self.slots.append(Slot())
    return UInt32(self.slots.count - 1)
  }
}
