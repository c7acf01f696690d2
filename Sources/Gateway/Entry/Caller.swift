package import Dialogue
package import Wire

/// Who waits for the reply to one request, and what every such reply depends on.
package struct Caller: Sendable {
  package let speaks: ClientProtocol
  package let requestName: String
  package let minorVersion: Int
  /// A HEAD request: the reply has no body.
  package let isHead: Bool
  /// Whether the connection takes another request afterwards.
  package let keepsAlive: Bool
  /// What every reply says to a browser.
  private let crossOrigin: HeaderFields

  package init(
    speaks: ClientProtocol, requestName: String, minorVersion: Int, isHead: Bool, keepsAlive: Bool,
    crossOrigin: HeaderFields = HeaderFields()
  ) {
    self.speaks = speaks
    self.requestName = requestName
    self.minorVersion = minorVersion
    self.isHead = isHead
    self.keepsAlive = keepsAlive
    self.crossOrigin = crossOrigin
  }

  /// The same, for the last reply of a connection.
  package var closing: Caller {
    Caller(
      speaks: self.speaks, requestName: self.requestName, minorVersion: self.minorVersion,
      isHead: self.isHead, keepsAlive: false, crossOrigin: self.crossOrigin)
  }

  /// The upstream's fields, signed.
  package func fields(relaying upstream: HeaderFields) -> HeaderFields {
    var fields = ForwardedHeaders.reply(upstream)
    self.sign(&fields)
    return fields
  }

  /// Adds the name that finds this request in the log, and what browsers must be told.
  package func sign(_ fields: inout HeaderFields) {
    fields.append(name: "x-proxy-request-id", value: self.requestName)
    for index in self.crossOrigin.indices { fields.append(copying: self.crossOrigin, at: index) }
  }

  /// Writes a whole reply of the daemon's own; like the other two, it says how long the body is.
  @discardableResult
  package func write(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> Int {
    var fields = HeaderFields()
    fields.append(name: "content-type", value: "application/json")
    if let allowed = error.allowed { fields.append(name: "allow", value: allowed) }
    if let seconds = error.retryAfterSeconds { fields.append(name: "retry-after", value: String(seconds)) }
    fields.append(name: self.ownNameField, value: self.requestName)
    if error.status == 401 { fields.append(name: "www-authenticate", value: "Bearer") }
    return self.write(
      status: error.status, fields: fields, body: error.body(for: self.speaks, requestName: self.requestName),
      date: date, to: &output)
  }

  /// Where the client's protocol names a request.
  private var ownNameField: String { self.speaks == .anthropic ? "request-id" : "x-request-id" }

  /// Writes an answer made here in an upstream's place.
  @discardableResult
  package func write(_ answer: HTTPAnswer, date: String, to output: inout ByteQueue) -> Int {
    var fields = HeaderFields()
    fields.append(answer.headers)
    fields.append(name: self.ownNameField, value: self.requestName)
    return self.write(status: answer.status, fields: fields, body: answer.body, date: date, to: &output)
  }

  @discardableResult
  package func write(
    status: Int, fields: HeaderFields, body: [UInt8], date: String, to output: inout ByteQueue
  ) -> Int {
    var fields = fields
    self.sign(&fields)
    ResponseWriter.head(
      status: status, fields: fields, framing: .length(body.count), date: date, keepsAlive: self.keepsAlive,
      to: &output)
    if self.isHead { return 0 }
    output.append(body)
    return body.count
  }
}
