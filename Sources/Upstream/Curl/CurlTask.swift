internal import CCurl

/// What a handle of libcurl's is busy with; its callbacks and its end find the way here.
class CurlTask {
  let easy: EasyHandle
  /// The last one it needed.
  var socket: Int32 = -1

  init(_ easy: EasyHandle) {
    self.easy = easy
  }

  /// What a handle was set for; libcurl has handles of its own.
  static func of(_ easy: UnsafeMutableRawPointer) -> CurlTask? {
    guard let pointer = unsafe cp_easy_private(easy) else { return nil }
    return unsafe Unmanaged<CurlTask>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Nil: libcurl has done what it was asked for.
  func ended(_ fault: TransferFault?) {}
}
