internal import CCurl

/// One libcurl handle: its options, spelled safely.
///
/// For one transfer: libcurl before 8.1 keeps where the last header field of the one before stood, and a head that begins with a
/// folded line makes it write there. Connections live longer than handles.
@safe
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?

  init?() {
    guard let raw = unsafe curl_easy_init() else { return nil }
    unsafe self.raw = unsafe raw
    unsafe self.headerList = nil
  }

  deinit {
    unsafe curl_easy_cleanup(self.raw)
    unsafe curl_slist_free_all(self.headerList)
  }

  func set(_ option: CURLoption, _ number: Int) {
    _ = unsafe cp_easy_set_number(self.raw, option, number)
  }

  func set(_ option: CURLoption, _ text: String?) {
    if let text {
      _ = unsafe cp_easy_set_text(self.raw, option, text)
    } else {
      _ = unsafe cp_easy_set_text(self.raw, option, nil)
    }
  }

  func set(_ option: CURLoption, size: Int) {
    _ = unsafe cp_easy_set_size(self.raw, option, curl_off_t(size))
  }

  func set(_ option: CURLoption, _ pointer: UnsafeMutableRawPointer?) {
    _ = unsafe cp_easy_set_pointer(self.raw, option, pointer)
  }

  func setHeaders(_ lines: [[UInt8]]) {
    for line in lines {
      let text = line.map { CChar(bitPattern: $0) } + [0]
      guard let longer = unsafe curl_slist_append(self.headerList, text) else { break }
      unsafe self.headerList = unsafe longer
    }
    _ = unsafe cp_easy_set_list(self.raw, CURLOPT_HTTPHEADER, self.headerList)
  }

  /// How much of its request's body has been sent.
  var sentBytes: Int { unsafe Int(clamping: cp_easy_size(self.raw, CURLINFO_SIZE_UPLOAD_T)) }

  /// Forgets the copy of the body it was given.
  func forgetRequest() {
    unsafe self.set(CURLOPT_COPYPOSTFIELDS, nil as UnsafeMutableRawPointer?)
  }

  /// Lets go of the 64 KiB a request goes through on its way into TLS.
  func forgetSendingRoom() {
    self.set(CURLOPT_UPLOAD_BUFFERSIZE, 64 * 1024)
  }
}
