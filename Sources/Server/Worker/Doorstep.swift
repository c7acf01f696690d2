internal import Gateway
internal import Platform
internal import Synchronization

/// Connections of one worker that have no complete head, in the order in which they came to wait for one.
///
/// Places of those who have left are dropped when they are most of the queue.
struct Doorstep {
  private struct Place {
    let ticket: UInt64
    let serial: UInt64
  }

  private var queue: [Place] = []
  private var lastTicket: UInt64 = 0
  private(set) var count = 0

  /// The new place's number.
  mutating func enter(_ serial: UInt64, stillThere: (UInt64, _ ticket: UInt64) -> Bool) -> UInt64 {
    if self.queue.count > 64 + 2 * self.count { self.queue.removeAll { !stillThere($0.serial, $0.ticket) } }
    self.lastTicket += 1
    self.queue.append(Place(ticket: self.lastTicket, serial: serial))
    self.count += 1
    return self.lastTicket
  }

  mutating func leave() {
    self.count -= 1
  }

  /// Who has waited longest, apart from the one with that ticket.
  mutating func oldest(
    before ticket: UInt64, stillThere: (UInt64, _ ticket: UInt64) -> Bool
  ) -> UInt64? {
    let first = self.queue.firstIndex { stillThere($0.serial, $0.ticket) } ?? self.queue.endIndex
    self.queue.removeSubrange(..<first)
    guard let place = self.queue.first, place.ticket < ticket else { return nil }
    return place.serial
  }
}

/// How many connections of the whole daemon have no complete head.
final class DoorstepCount: Sendable {
  /// A slow client costs a descriptor and a few hundred bytes; so many are no harm, and more is an attack.
  static let most = 4096

  private let count = Atomic<Int>(0)

  /// False: there are too many.
  func enter() -> Bool {
    self.count.add(1, ordering: .relaxed).newValue <= Self.most
  }

  func leave() {
    self.count.subtract(1, ordering: .relaxed)
  }
}

extension Worker {
  /// A connection waits for a head. When too many do, the one that has for longest is closed.
  func cameToDoor(_ connection: Connection) {
    guard connection.doorTicket == 0, connection.role != .admin else { return }
    connection.doorTicket = self.doorstep.enter(connection.serial, stillThere: self.isAtDoor)
    guard !self.station.doorstep.enter() else { return }
    guard let serial = self.doorstep.oldest(before: connection.doorTicket, stillThere: self.isAtDoor) else {
      return
    }
    self.tooManyAtDoor()
    self.closeConnection(serial)
  }

  func leftDoor(_ connection: Connection) {
    guard connection.doorTicket != 0 else { return }
    connection.doorTicket = 0
    self.doorstep.leave()
    self.station.doorstep.leave()
  }

  private func tooManyAtDoor() {
    guard self.loop.now >= self.nextDoorWarning else { return }
    self.nextDoorWarning = self.loop.now + 10_000
    self.log.warning("more than \(DoorstepCount.most) connections without a request; the oldest are closed")
  }
}
