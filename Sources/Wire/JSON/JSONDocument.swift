/// What a document may cost.
package struct JSONLimits: Equatable, Sendable {
  package var maxBytes: Int
  package var maxDepth: Int

  package init(maxBytes: Int = 64 << 20, maxDepth: Int = 256) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
  }
}

/// Where a value stands in the tape of a document.
package struct JSONPlace {
  let document: JSONDocument
  let tape: Int
  let index: Int
  let end: Int
}

/// One JSON text with a flat index of its values, so that most of it is carried on as the bytes it came in.
///
/// Numbers and strings are never converted unless somebody asks; a document may be read into again, which
/// keeps its storage: a value of the earlier text must not be used then.
@usableFromInline
package final class JSONDocument {
  // Changed by `read` only, which calls nothing that looks at them: run-time checks of exclusive access would cost
  // a fifth of a delta's time.
  @exclusivity(unchecked) @usableFromInline internal var storedBytes: [UInt8]
  @exclusivity(unchecked) @usableFromInline internal var storedNodes: [JSONNode] = []

  private var revision = TapeRevision()
  /// Those the tape was made within.
  private var limits = JSONLimits()
  /// Tells the tapes of this document apart.
  private var tapes = 0

  @inlinable
  package var bytes: [UInt8] { unsafe self.storedBytes }
  var nodes: [JSONNode] { unsafe self.storedNodes }

  /// Parses the bytes without copying them.
  package init(_ bytes: consuming [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    unsafe self.storedBytes = bytes
    try self.parse(limits)
  }

  /// An empty document to `read` into; its root is null.
  package init() {
    unsafe self.storedBytes = Array("null".utf8)
    unsafe self.storedNodes = [JSONNode(start: 0, end: 4, next: 1, kind: .null)]
  }

  package convenience init(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(Array(text.utf8), limits: limits)
  }

  /// Replaces the text, keeping the storage; after an error the root is null.
  package func read(_ source: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    if self.reread(source, limits) { return }
    unsafe self.storedBytes.removeAll(keepingCapacity: true)
    unsafe self.storedBytes.append(copying: source)
    do {
      try self.parse(limits)
    } catch {
      unsafe self.storedNodes.removeAll(keepingCapacity: true)
      unsafe self.storedNodes.append(JSONNode(start: 0, end: 0, next: 1, kind: .null))
      throw error
    }
  }

  /// Events of a stream differ in a text or two, so most of the tape can stay: a third of a delta's time.
  private func reread(_ source: Span<UInt8>, _ limits: JSONLimits) -> Bool {
    guard limits == self.limits, source.count <= limits.maxBytes, self.isRevision(source, limits) else {
      return false
    }
    var nodes: [JSONNode] = []
    unsafe swap(&nodes, &self.storedNodes)
    self.revision.apply(to: &nodes)
    unsafe swap(&nodes, &self.storedNodes)
    unsafe self.storedBytes.removeAll(keepingCapacity: true)
    unsafe self.storedBytes.append(copying: source)
    return true
  }

  /// The value at the place, if everything outside it is as it was when the place was taken.
  package func value(at place: JSONPlace) -> JSONValue? {
    guard place.document === self, place.tape == self.tapes,
      self.revision.isInside(place.index..<place.end)
    else { return nil }
    return JSONValue(self, place.index, self.node(place.index))
  }

  package func place(of value: JSONValue) -> JSONPlace {
    JSONPlace(document: self, tape: self.tapes, index: value.index, end: value.node.next)
  }

  /// Apart from its caller: who still held the old bytes when they are replaced would make a copy of them.
  @inline(never)
  private func isRevision(_ source: Span<UInt8>, _ limits: JSONLimits) -> Bool {
    let old = self.bytes
    return unsafe self.revision.compare(old.span, source, self.storedNodes, limits)
  }

  private func parse(_ limits: JSONLimits) throws(JSONError) {
    self.limits = limits
    self.tapes &+= 1
    var nodes: [JSONNode] = []
    unsafe swap(&nodes, &self.storedNodes)
    nodes.removeAll(keepingCapacity: true)
    defer { unsafe swap(&nodes, &self.storedNodes) }
    let bytes = self.bytes
    var parser = JSONParser(bytes.span, limits: limits)
    try parser.parse(into: &nodes)
  }

  /// One entry of the tape, read in place.
  @inlinable
  func node(_ index: Int) -> JSONNode { unsafe self.storedNodes[index] }

  /// The value of the last member of that name.
  @usableFromInline
  func find(_ name: StaticString, in object: JSONNode, at place: Int) -> JSONValue? {
    var found = 0
    var index = place &+ 1
    let end = object.next
    while index < end {
      if self.holds(self.node(index), name) { found = index &+ 1 }
      index = self.node(index &+ 1).next
    }
    return found == 0 ? nil : JSONValue(self, found, self.node(found))
  }

  /// Whether the string of the node is exactly this text. Most are of another length.
  @inlinable
  @inline(__always)
  func holds(_ node: JSONNode, _ text: StaticString) -> Bool {
    if node.flags == 0 {
      return node.content.count == text.utf8CodeUnitCount && self.equals(node, text)
    }
    return self.equalsUnescaped(node, text)
  }

  @usableFromInline
  func equals(_ node: JSONNode, _ text: StaticString) -> Bool {
    let bytes = self.bytes
    return StringScan.isEqual(bytes.span.extracting(node.content.range), text)
  }

  @usableFromInline
  func equalsUnescaped(_ node: JSONNode, _ text: StaticString) -> Bool {
    var plain: [UInt8] = []
    let bytes = self.bytes
    JSONText.unescape(bytes.span.extracting(node.content.range), to: &plain)
    return unsafe plain.elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package var root: JSONValue { JSONValue(self, 0, self.node(0)) }

  /// Where a value is, as `messages[3].content[0].text`; the root is the empty text.
  package func path(to value: JSONValue) -> String {
    var path = ""
    var index = 0
    while index != value.index, index < self.nodes.count {
      guard let step = self.step(from: index, towards: value.index) else { return path }
      switch step {
      case .member(let name, let child):
        if Self.isPlain(name) {
          path += path.isEmpty ? name : ".\(name)"
        } else {
          path += "[\"\(name)\"]"
        }
        index = child
      case .element(let number, let child):
        path += "[\(number)]"
        index = child
      }
    }
    return path
  }

  private enum Step {
    case member(String, Int)
    case element(Int, Int)
  }

  private func step(from container: Int, towards target: Int) -> Step? {
    let end = self.nodes[container].next
    var index = container + 1
    var number = 0
    let isObject = self.nodes[container].kind == .object
    while index < end {
      let child = isObject ? index + 1 : index
      guard child < self.nodes.count else { return nil }
      let next = self.nodes[child].next
      if target < next {
        if isObject {
          return .member(JSONValue(self, index, self.nodes[index]).string ?? "", child)
        }
        return .element(number, child)
      }
      index = next
      number += 1
    }
    return nil
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        $0 == 0x5F || $0 == 0x24 || $0 == 0x2D || ($0 >= 0x30 && $0 <= 0x39)
          || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
      }
  }
}
