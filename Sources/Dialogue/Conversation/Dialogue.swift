package import Wire

/// A request in no protocol's words: everything two protocols can express.
///
/// A setting keeps the value it was read from, so that whoever cannot send it can say what was lost, and where.
///
/// A class, because reader, repair and writer hand it on: a copy would cost a reference count for each thing in it.
package final class Dialogue {
  package let document: JSONDocument
  package var model: String?
  /// Instructions before the first turn.
  package var instructions: [TextPart] = []
  package var turns: [Turn] = []
  package var tools: [Tool] = []
  /// The client named tools that no upstream of another protocol can run.
  package var hasLostTools = false
  package var toolChoice: ToolChoice?
  package var parallelCalls: Setting<Bool>?
  package var maxTokens: Setting<Int>?
  package var stops: [Stop] = []
  package var sampling = Sampling()
  package var reasoning = ReasoningWish()
  package var format: OutputFormat?
  package var endUser: EndUser?
  package var cache: CacheMark?
  package var serviceTier: Setting<String>?
  package var isStreaming = false
  /// The client wants usage in the stream; always so where the protocol has no choice.
  package var wantsUsage = false
  /// The client speaks of functions, not of tools, and expects one call at most.
  package var isLegacy = false
  package var losses = Losses()
  /// Towards an upstream of the client's own protocol: members only that protocol knows, to be sent as they are.
  package var kept: [JSONMember] = []

  package init(_ document: JSONDocument) { self.document = document }
}

/// A setting and where it stands.
package struct Setting<Value> {
  package let content: Value
  package let value: JSONValue

  package init(_ content: Value, _ value: JSONValue) {
    self.content = content
    self.value = value
  }
}

package struct Stop {
  package let text: String
  package let value: JSONValue
}

/// Numbers stay as they were spelled.
package struct Sampling {
  package var temperature: JSONValue?
  package var topP: JSONValue?
  package var topK: JSONValue?
}

/// Names of effort every protocol orders alike.
package enum Effort: String, CaseIterable, Comparable, Sendable {
  case none
  case minimal
  case low
  case medium
  case high
  case xhigh
  case max

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  package static func < (left: Effort, right: Effort) -> Bool { left.rank < right.rank }

  /// Matrix A4.2: the same, else the next lower that is not none, else the next higher.
  package func clamped(to listed: [Effort]) -> Effort? {
    if listed.contains(self) { return self }
    if self == .none { return listed.min() }
    return listed.filter { $0 < self && $0 != .none }.max() ?? listed.filter { $0 > self }.min()
  }
}

/// How much the model shall think, and whether the client can see it.
package struct ReasoningWish {
  package enum Mode {
    case disabled
    case budget(Int)
    case adaptive
  }

  package var mode: Setting<Mode>?
  package var effort: Setting<Effort>?
  /// Whether the client asked for the text; nil when it said nothing.
  package var isShown: Bool?
}

/// The shape an answer must have.
package struct OutputFormat {
  package enum Kind {
    case object
    case schema(JSONValue, name: Text?, description: Text?, isStrict: Bool?)
  }

  package let kind: Kind
  package let value: JSONValue
}

package struct EndUser {
  package let text: String
  /// Said to be free of personal data.
  package let isSafe: Bool
  package let value: JSONValue
}

package struct Tool {
  package enum Kind {
    case function(schema: JSONValue?, isStrict: Bool)
    case custom(grammar: Grammar?)
    /// A tool the client runs and the protocol's owner describes.
    case builtIn(BuiltInTool)
    /// A search of the web, run by the upstream.
    case webSearch(location: JSONValue?)
  }

  package struct Grammar {
    package let syntax: Text
    package let definition: Text
  }

  /// What a place is described by, alike in all protocols.
  static let placeMembers: [StaticString] = ["city", "country", "region", "timezone"]

  package var name: String
  package let description: Text?
  package let kind: Kind
  package var cache: CacheMark?
  package let value: JSONValue
}

package struct ToolChoice {
  package enum Kind {
    case auto
    case none
    case any
    case named(String)
    /// Only these may be called; `isForced` = one of them must be.
    case allowed([String], isForced: Bool)
  }

  package let kind: Kind
  package let value: JSONValue
}
