/// How many exchanges one worker may hold at once: gunicorn's classes, here one mechanism with a number.
package enum WorkerClass: String, Sendable, Equatable, CaseIterable {
  case async, gthread, sync
}

/// The pool of workers, in gunicorn's terms.
package struct WorkerSettings: Sendable, Equatable {
  package var count = 2
  /// Never `sync` with `threads` above 1: that has become `gthread`, as in gunicorn.
  package var workerClass = WorkerClass.async
  package var threads = 1
  package var connections = 1000
  /// A worker silent for longer is given up; 0 = never.
  package var timeoutSeconds = 300
  /// Requests after which a worker is replaced; 0 = never.
  package var mostRequests = 0
  /// Up to so many more, by chance, so that workers are not replaced together.
  package var mostRequestsJitter = 0
  package var gracefulTimeoutSeconds = 30
  /// Idle seconds between two requests of a connection; 0 = close after each reply.
  package var keepAliveSeconds = 2

  /// Exchanges one worker may have in flight.
  package var capacity: Int {
    switch self.workerClass {
    case .async: self.connections
    case .gthread: self.threads
    case .sync: 1
    }
  }

  /// In `sync`, as in gunicorn, the limit on silence is one on a request: the worker does nothing else meanwhile.
  package var requestSeconds: Int? {
    self.workerClass == .sync && self.timeoutSeconds > 0 ? self.timeoutSeconds : nil
  }

  /// `sync` closes after each reply, whatever `GUNICORN_KEEPALIVE` says.
  package var closesAfterReply: Bool { self.workerClass == .sync || self.keepAliveSeconds == 0 }

  /// For the first log line and `STATUS=`.
  package var inWords: String {
    let workers = self.count == 1 ? "1 worker" : "\(self.count) workers"
    switch self.workerClass {
    case .async:
      return "\(workers), class async, up to \(self.capacity) requests each"
        + " (GUNICORN_WORKER_CLASS=sync: one each)"
    case .gthread:
      return "\(workers), class gthread, up to \(self.capacity) requests each (GUNICORN_THREADS)"
    case .sync:
      return "\(workers), class sync, one request each"
    }
  }
}
