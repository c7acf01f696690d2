/// Looks at one JSON text after another in the same storage and keeps none.
package struct JSONScratch {
  private var nodes: [JSONNode] = []

  package init() {}

  /// Where the object is that the text holds and nothing beside it.
  mutating func object(in text: Span<UInt8>) -> Range<Int>? {
    self.nodes.removeAll(keepingCapacity: true)
    var parser = JSONParser(text, limits: JSONLimits())
    do { try parser.parse(into: &self.nodes) } catch { return nil }
    guard let root = self.nodes.first, root.kind == .object else { return nil }
    return root.start..<root.end
  }
}
