/// What a handle of libcurl's is busy with; its callbacks and its end find the way here.
class CurlTask {
  let easy: EasyHandle

  init(_ easy: EasyHandle) {
    self.easy = easy
  }

  /// Nil: libcurl has done what it was asked for.
  func ended(_ fault: TransferFault?) {}
}
