import Wire

/// Puts the client's name for the model into answers that are otherwise relayed as they are.
enum ModelName {
  /// Nil where there is nothing to replace.
  static func replace(in body: [UInt8], _ context: ReplyContext) -> [UInt8]? {
    guard context.renamesModel, let document = try? JSONDocument(body) else { return nil }
    let root = document.root
    guard let model = root.present("model") ?? root.present("message")?.present("model"),
      model.kind == .string
    else { return nil }
    var name = JSONWriter()
    name.string(context.model)
    let slice = model.slice.range
    return Array(body[..<slice.lowerBound]) + name.bytes + Array(body[slice.upperBound...])
  }
}
