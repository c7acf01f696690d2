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

  /// The same for one event of a stream, spelled anew.
  static func event(name: [UInt8], data: [UInt8], _ context: ReplyContext) -> [UInt8] {
    var output: [UInt8] = []
    if !name.isEmpty {
      output.append(literal: "event: ")
      output += name
      output.append(0x0A)
    }
    let body = self.replace(in: data, context) ?? data
    for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
      output.append(literal: "data: ")
      output += line
      output.append(0x0A)
    }
    output.append(0x0A)
    return output
  }
}
