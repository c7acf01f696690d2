internal import CSystemd
internal import Glibc
package import Platform

/// How urgent a journal record is: syslog's severities.
package enum JournalPriority: UInt8, Sendable, CaseIterable {
  case emergency
  case alert
  case critical
  case error
  case warning
  case notice
  case info
  case debug
}

package enum JournalError: Error, Equatable {
  /// journald takes upper-case letters, digits and `_`, not in front, at most 64 (systemd.journal-fields(7)).
  case badFieldName(String)
  case tooManyFields
  case notSent(Errno)
}

/// One record on its way to the journal, a list of fields whose values may be any bytes.
package struct JournalEntry: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// The kernel's `UIO_MAXIOV` is 1,024 and libsystemd needs up to five vectors a field.
  static let largestFieldCount = 128

  package init(priority: JournalPriority, message: String) {
    self.append(checked: "PRIORITY", String(priority.rawValue).utf8)
    self.append(checked: "MESSAGE", message.utf8)
  }

  package mutating func append(_ name: String, _ value: String) throws(JournalError) {
    try self.append(name, bytes: value.utf8)
  }

  package mutating func append(_ name: String, bytes value: some Collection<UInt8>) throws(JournalError) {
    guard Self.isFieldName(name) else { throw .badFieldName(name) }
    guard self.ends.count < Self.largestFieldCount else { throw .tooManyFields }
    self.append(checked: name, value)
  }

  /// Hands the record to journald; may block while journald is stuck, so only the log thread calls it.
  package func send() throws(JournalError) {
    let result = unsafe self.bytes.withUnsafeBytes { all in
      var start = 0
      var vectors: [iovec] = unsafe []
      for end in self.ends {
        let base = unsafe UnsafeMutableRawPointer(mutating: all.baseAddress?.advanced(by: start))
        unsafe vectors.append(iovec(iov_base: base, iov_len: end - start))
        start = end
      }
      return unsafe sd_journal_sendv(vectors, Int32(vectors.count))
    }
    if result < 0 { throw .notSent(Errno(code: -result)) }
  }

  /// What journald is given, field by field.
  var fields: [[UInt8]] {
    zip([0] + self.ends, self.ends).map { start, end in Array(self.bytes[start..<end]) }
  }

  package static func isFieldName(_ name: String) -> Bool {
    let name = name.utf8
    guard let first = name.first, (65...90).contains(first), name.count <= 64 else { return false }
    return name.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
  }

  private mutating func append(checked name: String, _ value: some Collection<UInt8>) {
    self.bytes.append(contentsOf: name.utf8)
    self.bytes.append(61)
    self.bytes.append(contentsOf: value)
    self.ends.append(self.bytes.count)
  }
}
