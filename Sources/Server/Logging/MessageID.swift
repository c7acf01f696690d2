/// Marks every record of one kind with the same 128-bit number, by which journals are searched and explained.
///
/// The numbers are random, were made once and never change: `journalctl MESSAGE_ID=...` and the catalogue use them.
package struct MessageID: Sendable, Hashable {
  package let text: String

  package static let started = MessageID(text: "2dc3a2d94ffe41e8acedc4c6a0c1b93a")
  package static let ready = MessageID(text: "801dd3e3588d40459e1f0822af8f74ca")
  package static let stopping = MessageID(text: "cb0fec9408724e9f8a47ebe843b9c9de")
  package static let stopped = MessageID(text: "d263ad7df7214ad7a4eac8aa057c959c")
  package static let configurationFault = MessageID(text: "46e8a3c2bd7549ca9b7db8ec7e7c2cb1")
  package static let reloadDone = MessageID(text: "a7c51626d04e4ddeb4d3b40403e8d967")
  package static let reloadFailed = MessageID(text: "34bafc6c02f34ed8b7c82985f559847f")
  package static let workerTimeout = MessageID(text: "106acc9bbd0a4c2ab4fbac280e67182a")
  package static let workerStarted = MessageID(text: "2eee4dc01c7a42978e8ced4e7955c0fb")
  package static let workerRetired = MessageID(text: "162ff20b8dda4936ade7bbc5531610b2")
  package static let recordsDropped = MessageID(text: "2542536af02147a7acce8ac894634304")
  /// One for every request answered: the access log.
  package static let request = MessageID(text: "32d6a5874a6a4459b668e1256b5066af")

  package static let all: [MessageID] = [
    .started, .ready, .stopping, .stopped, .configurationFault, .reloadDone, .reloadFailed, .workerTimeout,
    .workerStarted, .workerRetired, .recordsDropped, .request,
  ]
}
