internal import CCurl
internal import Glibc

/// One reusable libcurl handle: its options, spelled safely.
@safe
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var headerLines: [[UInt8]] = []
  private var address: OpaquePointer?
  private var url = ""
  /// What its lasting options were set for.
  private(set) var shape: TransferShape?

  init?() {
    guard let raw = unsafe curl_easy_init() else { return nil }
    unsafe self.raw = unsafe raw
    unsafe self.headerList = nil
    unsafe self.address = nil
  }

  deinit {
    unsafe curl_easy_cleanup(self.raw)
    unsafe curl_slist_free_all(self.headerList)
    unsafe curl_url_cleanup(self.address)
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

  /// A URL that libcurl takes apart once, and not for each request: that costs a seventh of libcurl's
  /// instructions.
  func setURL(_ url: String) {
    guard self.url != url else { return }
    let address = unsafe curl_url()
    guard unsafe curl_url_set(address, CURLUPART_URL, url, 0) == CURLUE_OK else {
      // As text it is refused when the transfer begins.
      unsafe curl_url_cleanup(address)
      self.forgetURL()
      return self.set(CURLOPT_URL, url)
    }
    _ = unsafe cp_easy_set_address(self.raw, address)
    unsafe curl_url_cleanup(self.address)
    unsafe self.address = unsafe address
    self.url = url
  }

  private func forgetURL() {
    _ = unsafe cp_easy_set_address(self.raw, nil)
    unsafe curl_url_cleanup(self.address)
    unsafe self.address = nil
    self.url = ""
  }

  /// Most requests of a handle have the same lines.
  func setHeaders(_ lines: [[UInt8]]) {
    guard !self.hasHeaders(lines) else { return }
    self.headerLines = lines
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

  /// How much of its request's body has been sent.
  var sentBytes: Int { unsafe Int(clamping: cp_easy_size(self.raw, CURLINFO_SIZE_UPLOAD_T)) }

  private func hasHeaders(_ lines: [[UInt8]]) -> Bool {
    guard self.headerLines.count == lines.count else { return false }
    for index in lines.indices {
      let isSame = unsafe self.headerLines[index].withUnsafeBytes { own in
        unsafe lines[index].withUnsafeBytes { new in
          guard own.count == new.count, let left = own.baseAddress, let right = new.baseAddress else {
            return own.count == new.count
          }
          return unsafe memcmp(left, right, own.count) == 0
        }
      }
      if !isSame { return false }
    }
    return true
  }

  /// Forgets the body the last transfer sent.
  func forgetRequest() {
    if self.shape?.copiesBody == true {
      unsafe self.set(CURLOPT_COPYPOSTFIELDS, nil as UnsafeMutableRawPointer?)
    }
  }

  /// Lets go of the 64 KiB a request goes through on its way into TLS; they come again with the next one.
  func forgetSendingRoom() {
    self.set(CURLOPT_UPLOAD_BUFFERSIZE, 64 * 1024)
  }

  /// Keeps the options if they fit the next transfer too: setting them all anew costs more than sending a request. Answers
  /// whether they have to be set.
  func takesShape(of order: TransferOrder) -> Bool {
    if self.shape?.fits(order) == true { return false }
    if self.shape != nil {
      unsafe curl_easy_reset(self.raw)
      self.forgetURL()
      self.setHeaders([])
    }
    self.shape = TransferShape(order)
    return true
  }
}
