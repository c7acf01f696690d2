import Wire

extension Translation {
  /// Understands an upstream's failed reply, whatever its shape.
  package static func failure(
    status: Int, headers: [HTTPField], body: [UInt8], from upstream: Dialect
  ) -> Failure {
    var failure: Failure
    if let document = try? JSONDocument(body), document.root.kind == .object || document.root.kind == .array {
      failure = self.failure(status: status, body: document.root, from: upstream)
    } else {
      let type = headers.first { $0.name.lowercased() == "content-type" }?.value
      let media = type?.split(separator: ";").first.map { $0.filter { $0 > " " && $0 <= "~" } }
      failure = Failure(
        Failure.Kind(status: status), "Upstream returned HTTP \(status) (\(media ?? "no content type"))")
      failure.original = Failure.Original(status: status, type: nil)
      failure.isOfChat = upstream == .chat
    }
    failure.headers = headers.map { HTTPField($0.name.lowercased(), $0.value) }
    return failure
  }

  static func failure(status: Int, body: JSONValue, from upstream: Dialect) -> Failure {
    // Servers of one protocol sometimes answer in the other's words.
    if body["type"]?.matches("error") == true || upstream == .messages, body["error"]?["type"] != nil {
      return Messages.FailureCodec.read(status: status, body: body)
    }
    var failure = ChatCompletions.FailureCodec.read(status: status, body: body)
    failure.isOfChat = upstream == .chat
    return failure
  }

  /// Whether a field of that name may mean anything to `failure` or `replyHeaders`; an error's content type does as well.
  package static func heeds(_ name: Span<UInt8>) -> Bool { FailureHeaders.heeds(name) }

  /// What a client gets of the headers of an upstream's successful reply.
  package static func replyHeaders(
    _ fields: [HTTPField], _ context: ReplyContext, _ surroundings: inout Surroundings
  ) -> [HTTPField] {
    FailureHeaders.convert(
      fields.map { HTTPField($0.name.lowercased(), $0.value) }, from: context.profile.dialect,
      to: context.client, requestID: surroundings.id("req_"), now: surroundings.now)
  }

  /// The reply a client gets for a failure before anything else was sent to it.
  package static func answer(
    _ failure: Failure, to client: Dialect, _ surroundings: inout Surroundings
  ) -> HTTPAnswer {
    let id = surroundings.id("req_")
    var headers = FailureHeaders.convert(
      failure.headers, from: failure.isOfChat ? .chat : .messages, to: client, requestID: id,
      now: surroundings.now)
    if failure.kind == .exhausted {
      headers.removeAll { $0.name == "x-should-retry" }
      headers.append(HTTPField("x-should-retry", "false"))
    }
    headers.append(HTTPField("content-type", "application/json"))
    var writer = JSONWriter()
    switch client {
    case .messages:
      Messages.FailureCodec.write(failure, requestID: id, to: &writer)
      return HTTPAnswer(status: Messages.FailureCodec.status(failure), headers: headers, body: writer.bytes)
    case .chat:
      ChatCompletions.FailureCodec.write(failure, to: &writer)
      return HTTPAnswer(
        status: ChatCompletions.FailureCodec.status(failure), headers: headers, body: writer.bytes)
    }
  }
}
