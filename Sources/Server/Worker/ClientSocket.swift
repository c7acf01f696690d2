package import Gateway
package import Platform

/// A client's connection between two threads: the socket, where it came from, and what was read of it already.
package struct ClientSocket: Sendable {
  package let descriptor: OwnedDescriptor
  package let role: ListenerRole
  package let peer: SocketAddress
  /// It has had a request already, so it is idle and not new.
  package let wasUsed: Bool

  package init(descriptor: OwnedDescriptor, role: ListenerRole, peer: SocketAddress, wasUsed: Bool) {
    self.descriptor = descriptor
    self.role = role
    self.peer = peer
    self.wasUsed = wasUsed
  }
}
