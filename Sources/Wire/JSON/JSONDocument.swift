/// What a document may cost.
package struct JSONLimits: Sendable {
  package var maxBytes: Int
  package var maxDepth: Int

  package init(maxBytes: Int = 64 << 20, maxDepth: Int = 256) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
  }
}

/// One JSON text with a flat index of its values, so that most of it is carried on as the bytes it came in.
///
/// Numbers and strings are never converted unless somebody asks; a document may be read into again, which
/// keeps its storage: a value of the earlier text must not be used then.
package final class JSONDocument {
  package private(set) var bytes: [UInt8]
  private(set) var nodes: [JSONNode] = []

  /// Parses the bytes without copying them.
  package init(_ bytes: consuming [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    self.bytes = bytes
    try self.parse(limits)
  }

  /// An empty document to `read` into; its root is null.
  package init() {
    self.bytes = Array("null".utf8)
    self.nodes = [JSONNode(start: 0, end: 4, next: 1, kind: .null, flags: 0)]
  }

  package convenience init(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(Array(text.utf8), limits: limits)
  }

  /// Replaces the text, keeping the storage; after an error the root is null.
  package func read(_ source: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    self.bytes.removeAll(keepingCapacity: true)
    self.bytes.append(copying: source)
    do {
      try self.parse(limits)
    } catch {
      self.nodes.removeAll(keepingCapacity: true)
      self.nodes.append(JSONNode(start: 0, end: 0, next: 1, kind: .null, flags: 0))
      throw error
    }
  }

  private func parse(_ limits: JSONLimits) throws(JSONError) {
    self.nodes.removeAll(keepingCapacity: true)
    var nodes: [JSONNode] = []
    swap(&nodes, &self.nodes)
    defer { swap(&nodes, &self.nodes) }
    var parser = JSONParser(self.bytes.span, limits: limits)
    try parser.parse(into: &nodes)
  }

  package var root: JSONValue { JSONValue(document: self, index: 0) }

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
    let end = Int(self.nodes[container].next)
    var index = container + 1
    var number = 0
    let isObject = self.nodes[container].kind == .object
    while index < end {
      let child = isObject ? index + 1 : index
      guard child < self.nodes.count else { return nil }
      let next = Int(self.nodes[child].next)
      if target < next {
        if isObject {
          return .member(JSONValue(document: self, index: index).string ?? "", child)
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
