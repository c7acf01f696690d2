internal import Wire

/// One thing of a request that is counted by itself.
enum RequestPart {
  /// A string, or another value as compact JSON.
  case value(JSONValue)
  /// Framing: tokens that no text stands for.
  case framing(Int)
  case image(data: JSONValue?, isLowDetail: Bool)
  case pages(JSONValue)
  /// Its parts count as reasoning until `endOfReasoning`.
  case reasoning(JSONValue)
  /// Reasoning seen so far is of an earlier turn, which models no longer see.
  case turn
}
