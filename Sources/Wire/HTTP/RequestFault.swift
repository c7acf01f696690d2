/// Why a request cannot be served as HTTP: the status to answer with and one sentence the client may read.
package struct RequestFault: Error, Equatable, Sendable {
  package let status: Int
  package let reason: String

  package init(status: Int, reason: String) {
    self.status = status
    self.reason = reason
  }

  internal init(_ status: Int, _ reason: String) {
    self.init(status: status, reason: reason)
  }
}
