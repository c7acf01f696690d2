internal import CCurl

/// One reusable libcurl handle: its options, spelled safely.
@safe
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// What its lasting options were set for.
  private(set) var shape: TransferShape?

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
    var list: UnsafeMutablePointer<curl_slist>? = nil
    for line in lines {
      let text = line.map { CChar(bitPattern: $0) } + [0]
      guard let longer = unsafe curl_slist_append(list, text) else { break }
      unsafe list = unsafe longer
    }
    _ = unsafe cp_easy_set_list(self.raw, CURLOPT_HTTPHEADER, list)
    unsafe curl_slist_free_all(self.headerList)
    unsafe self.headerList = unsafe list
  }

  /// Forgets what the last transfer sent.
  func forgetRequest() {
    if self.shape?.copiesBody == true {
      unsafe self.set(CURLOPT_COPYPOSTFIELDS, nil as UnsafeMutableRawPointer?)
    }
    self.setHeaders([])
  }

  /// Keeps the options if they fit the next transfer too: setting them all anew costs more than sending a request. Answers
  /// whether they have to be set.
  func takesShape(_ shape: TransferShape) -> Bool {
    guard self.shape != shape else { return false }
    if self.shape != nil { unsafe curl_easy_reset(self.raw) }
    self.shape = shape
    return true
  }
}
