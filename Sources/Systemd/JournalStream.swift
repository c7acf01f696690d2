internal import Glibc

/// Says whether standard error goes to the journal, so that native records reach the same place.
package enum JournalStream {
  /// `$JOURNAL_STREAM` names the device and inode of our standard error (systemd.exec(5)).
  package static func isConnected() -> Bool {
    self.matches(ProcessEnvironment.value(of: "JOURNAL_STREAM"), descriptor: STDERR_FILENO)
  }

  static func matches(_ text: String?, descriptor: Int32) -> Bool {
    guard let parts = text?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
      let device = UInt64(parts[0]), let inode = UInt64(parts[1])
    else { return false }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
  }
}
