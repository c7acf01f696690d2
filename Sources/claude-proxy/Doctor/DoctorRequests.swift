internal import Gateway
internal import Upstream

/// The requests by which `doctor` finds out what is between clients and the daemon.
struct DoctorRequests {
  let url: String
  let key: String?
  let authorityFile: String?
  let silenceSeconds: Int
  /// The packaged MAX_BODY_BYTES.
  static let bodyBytes = 32 << 20

  /// Sends what clients send, and asks to be told what of it came.
  var hello: TransferOrder {
    self.order(
      .get, "/livez",
      [
        "\(DoctorEcho.fieldName): 1", "x-api-key: sk-doctor", "authorization: Bearer sk-doctor",
        "anthropic-version: 2023-06-01", "anthropic-beta: doctor",
      ])
  }

  /// Blanks: as long as a body may be, and no request to any upstream comes of it.
  var largeBody: TransferOrder {
    let blanks = [UInt8](repeating: UInt8(ascii: " "), count: Self.bodyBytes)
    return self.order(.post, "/v1/messages", self.own(), blanks)
  }

  /// Twenty words in as many steps.
  var stream: TransferOrder {
    self.order(.post, "/v1/messages", self.own(), self.message("[pause 100] one two three", streams: true))
  }

  var compressibleStream: TransferOrder {
    self.order(
      .post, "/v1/messages", self.own("accept-encoding: gzip, deflate, br"),
      self.message("[pause 20] one two three", streams: true))
  }

  var silence: TransferOrder {
    self.order(
      .post, "/v1/messages", self.own(),
      self.message("[wait \(self.silenceSeconds * 1_000)] one", streams: false))
  }

  private func own(_ more: String...) -> [String] {
    let always = ["content-type: application/json", "anthropic-version: 2023-06-01", "expect:"]
    return always + (self.key.map { ["x-api-key: \($0)"] } ?? []) + more
  }

  /// The words are ours: nothing in them has to be escaped.
  private func message(_ words: String, streams: Bool) -> [UInt8] {
    let text =
      #"{"model":"demo","max_tokens":64,"stream":\#(streams),"#
      + #""messages":[{"role":"user","content":"\#(words)"}]}"#
    return Array(text.utf8)
  }

  private func order(
    _ method: TransferOrder.Method, _ path: String, _ lines: [String], _ body: [UInt8] = []
  ) -> TransferOrder {
    var connection = UpstreamConnection()
    connection.proxyURL = ""
    connection.authorityFile = self.authorityFile
    return TransferOrder(
      method: method, url: self.url + path, headerLines: lines.map { Array($0.utf8) }, body: body,
      connection: connection)
  }
}
