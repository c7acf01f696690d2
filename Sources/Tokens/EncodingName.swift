/// The encodings there are tables for.
package enum EncodingName: String, CaseIterable, Sendable {
  case cl100k = "cl100k_base"
  case o200k = "o200k_base"

  /// The name of the table's file.
  package var fileName: String { "\(self.rawValue).tokens" }

  /// The encoding a model of that name uses, or the one that comes nearest.
  ///
  /// Vendors that publish none are counted with the smaller vocabulary: it errs towards more tokens, and a client
  /// that compacts a little early loses less than one that hits the limit.
  package init(model: String) {
    let name = model.utf8.lazy.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    // What stands before the last slash is a vendor or a router.
    var bare = Array(name)[...]
    if let slash = bare.lastIndex(of: 0x2F) { bare = bare[(slash + 1)...] }
    let isNew = Self.newPrefixes.contains { bare.starts(with: $0.description.utf8) }
    self = isNew ? .o200k : .cl100k
  }

  private static let newPrefixes: [StaticString] = [
    "gpt-4o", "chatgpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-6", "gpt-oss", "o1", "o3", "o4",
    "ft:gpt-4o", "ft:gpt-4.1", "ft:gpt-5",
  ]
}
