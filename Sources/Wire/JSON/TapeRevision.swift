/// Finds out that a text differs from the one before in the content of a few strings only, and what that changes
/// in its tape.
struct TapeRevision {
  private struct Change {
    let node: Int
    let flags: UInt8
    /// How much further everything behind it stands.
    let shift: Int
  }

  private static let maxChanges = 4
  /// A longer tape costs more to correct than most texts do to read.
  private static let maxNodes = 256

  private var changes: [Change] = []

  /// Whether the new text has the old one's tape but for some strings. Both texts are read side by side; where
  /// they part, both must be inside the same string.
  mutating func compare(
    _ old: Span<UInt8>, _ new: Span<UInt8>, _ nodes: [JSONNode], _ limits: JSONLimits
  ) -> Bool {
    self.changes.removeAll(keepingCapacity: true)
    // After an error there is one node and no text to go with it.
    guard nodes.count > 1, nodes.count <= Self.maxNodes else { return false }
    var oldPlace = 0
    var newPlace = 0
    var index = 0
    while true {
      let same = StringScan.commonCount(old, from: oldPlace, new, from: newPlace)
      oldPlace &+= same
      newPlace &+= same
      if oldPlace == old.count { return newPlace == new.count }
      while index &+ 1 < nodes.count, nodes[index &+ 1].start < oldPlace { index &+= 1 }
      let node = nodes[index]
      guard newPlace < new.count, self.changes.count < Self.maxChanges, node.kind == .string,
        node.start < oldPlace, oldPlace < node.end
      else { return false }
      var parser = JSONParser(new, limits: limits)
      guard let string = try? parser.string(at: node.start &+ newPlace &- oldPlace) else { return false }
      self.changes.append(Change(node: index, flags: string.flags, shift: string.end &- node.end))
      oldPlace = node.end
      newPlace = string.end
    }
  }

  /// Moves what stands behind a changed string.
  func apply(to nodes: inout [JSONNode]) {
    guard let first = self.changes.first, let last = self.changes.last else { return }
    var span = nodes.mutableSpan
    // In front of the first change only the containers around it grow.
    for index in 0..<min(first.node, span.count) where span[index].next > first.node {
      span[index].move(start: 0, end: self.shift(before: span[index].next))
    }
    var next = 0
    var shift = 0
    var index = first.node
    while index < span.count {
      if next < self.changes.count, self.changes[next].node == index {
        let change = self.changes[next]
        span[index].move(start: shift, end: change.shift)
        span[index].setFlags(change.flags)
        shift = change.shift
        next &+= 1
      } else if index < last.node {
        span[index].move(start: shift, end: self.shift(before: span[index].next))
      } else if shift != 0 {
        span[index].move(start: shift, end: shift)
      }
      index &+= 1
    }
  }

  /// How much further the text stands behind all nodes below `end`.
  private func shift(before end: Int) -> Int {
    var shift = 0
    for change in self.changes where change.node < end { shift = change.shift }
    return shift
  }

  /// Whether nothing changed but strings among these nodes.
  func isInside(_ nodes: Range<Int>) -> Bool { self.changes.allSatisfy { nodes.contains($0.node) } }
}
