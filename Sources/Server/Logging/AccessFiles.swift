internal import Glibc
internal import Platform
internal import Settings

/// Where lines of the access log go that do not go where all messages go.
///
/// Settings of two generations of workers may name two files for a while; only the one written last is kept open.
struct AccessFiles {
  private var place: AccessLogSettings.Target?
  private var file: AppendedFile?
  /// It has been said that the place cannot be written.
  private var isFailing = false

  /// Files that have been moved away are let go.
  mutating func reopen() {
    self.place = nil
    self.file = nil
  }

  /// Writes what belongs into a file; the rest is for the log, and so is what a file did not take.
  mutating func write(_ records: [LogRecord]) -> [LogRecord] {
    var rest: [LogRecord] = []
    var start = records.startIndex
    while start < records.endIndex {
      let target = records[start].target
      let end = records[start...].firstIndex { $0.target != target } ?? records.endIndex
      if target == .log {
        rest += records[start..<end]
      } else {
        rest += self.write(records[start..<end], to: target)
      }
      start = end
    }
    return rest
  }

  private mutating func write(
    _ records: ArraySlice<LogRecord>, to target: AccessLogSettings.Target
  ) -> [LogRecord] {
    do throws(Errno) {
      var bytes: [UInt8] = []
      for record in records {
        bytes.append(contentsOf: record.message.utf8)
        bytes.append(10)
      }
      try self.opened(target)?.write(bytes)
      self.isFailing = false
      return []
    } catch {
      // Tried anew with each batch.
      self.reopen()
      guard !self.isFailing else { return Array(records) }
      self.isFailing = true
      let complaint = "the access log \(target.word) cannot be written: \(error); its lines go here instead"
      return [LogRecord(.error, complaint)] + records
    }
  }

  private mutating func opened(_ target: AccessLogSettings.Target) throws(Errno) -> AppendedFile? {
    if self.place == target { return self.file }
    switch target {
    case .log, .nowhere: self.file = nil
    case .standardOutput: self.file = AppendedFile(lent: STDOUT_FILENO)
    case .file(let path): self.file = try AppendedFile(path: path)
    }
    self.place = target
    return self.file
  }
}
