import Dialogue
import Foundation
import Wire

/// One golden: what goes in, by which way, and what must come out.
struct Golden: CustomStringConvertible, Sendable {
  enum Mode: String {
    case request
    case response
    case stream
    case error
  }

  let id: String
  let mode: Mode
  let from: Dialect
  let to: Dialect
  let profile: Profile
  let inputPath: String
  let outputPath: String
  let requestPath: String?
  let exit: Int
  /// Paths and what became of them; nil where a case does not say.
  let losses: [String]?

  var description: String { self.id }
  var client: Dialect { self.mode == .request ? self.from : self.to }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Goldens")

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: self.folder.appending(path: path)))
  }

  static let all: [Golden] = {
    guard let list = try? JSONDocument(Self.bytes("cases.json")) else { return [] }
    return list.root.elements.compactMap(Golden.init)
  }()

  private init?(_ value: JSONValue) {
    func text(_ name: String) -> String { value.member(named: name)?.string ?? "" }
    guard let mode = Mode(rawValue: text("mode")), let from = Dialect(rawValue: text("from")),
      let to = Dialect(rawValue: text("to")), let profile = ProfileTable.profile(named: text("profile"))
    else { return nil }
    self.id = text("id")
    self.mode = mode
    self.from = from
    self.to = to
    self.profile = profile
    self.inputPath = text("input")
    self.outputPath = text("output")
    self.requestPath = value["request"]?.string
    self.exit = value["exit"]?.integer ?? 0
    self.losses = value["losses"].map { $0.elements.compactMap(\.string) }
  }

  /// What the answer's translation must know; as the filter makes it.
  func context() throws -> ReplyContext {
    guard let path = self.requestPath else {
      return ReplyContext(client: self.client, profile: self.profile, model: "m")
    }
    let document = try JSONDocument(Self.bytes(path))
    switch try Translation.request(document, from: self.client, to: self.profile) {
    case .send(let body): return body.context
    case .answer(_, let context): return context
    }
  }
}

/// Compares JSON as the goldens mean it: members in any order, except inside what a tool is called with, and
/// numbers as they are spelled.
enum Same {
  static func difference(_ left: JSONValue, _ right: JSONValue, isOrdered: Bool = false) -> String? {
    guard left.kind == right.kind else { return "\(left.path): \(left.rawText) is not \(right.rawText)" }
    switch left.kind {
    case .null, .bool, .number: return left.rawText == right.rawText ? nil : self.unequal(left, right)
    case .string: return left.string == right.string ? nil : self.unequal(left, right)
    case .array:
      let (mine, theirs) = (Array(left.elements), Array(right.elements))
      guard mine.count == theirs.count else { return self.unequal(left, right) }
      for (one, other) in zip(mine, theirs) {
        if let difference = self.difference(one, other, isOrdered: isOrdered) { return difference }
      }
      return nil
    case .object:
      let (mine, theirs) = (Array(left.members), Array(right.members))
      guard Set(mine.map(\.name)) == Set(theirs.map(\.name)), mine.count == theirs.count else {
        return self.unequal(left, right)
      }
      if isOrdered, mine.map(\.name) != theirs.map(\.name) { return "\(left.path): another order of members" }
      for member in mine {
        guard let other = right.member(named: member.name) else { return self.unequal(left, right) }
        let isInput = isOrdered || member.name == "input"
        if let difference = self.difference(member.value, other, isOrdered: isInput) { return difference }
      }
      return nil
    }
  }

  private static func unequal(_ left: JSONValue, _ right: JSONValue) -> String {
    "\(left.path): \(left.rawText) is not \(right.rawText)"
  }

  static func difference(_ left: [UInt8], _ right: [UInt8]) throws -> String? {
    self.difference(try JSONDocument(left).root, try JSONDocument(right).root)
  }

  /// Frame by frame; comments and pings may stand anywhere.
  static func streamDifference(_ left: [UInt8], _ right: [UInt8]) throws -> String? {
    let (mine, theirs) = (try Frame.all(in: left), try Frame.all(in: right))
    for (one, other) in zip(mine, theirs) {
      guard one.name == other.name else { return "event \(one.name) is not \(other.name)" }
      if one.data == other.data { continue }
      guard let left = try? JSONDocument(one.data), let right = try? JSONDocument(other.data) else {
        return "\(one.data) is not \(other.data)"
      }
      if let difference = self.difference(left.root, right.root) { return difference }
    }
    return mine.count == theirs.count ? nil : "\(mine.count) frames, not \(theirs.count)"
  }
}
