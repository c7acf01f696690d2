internal import CCurl
internal import Wire

/// A transfer whose HTTP libcurl speaks: over TLS, through a proxy, in HTTP/2.
///
/// libcurl's callbacks only append here, set flags or return the pause code.
final class CurlRequest: CurlTask, Carrier {
  private unowned let transfer: Transfer
  private unowned let multi: CurlMulti

  /// What libcurl still has to ask for; empty when it was given the body, or has begun to get the answer.
  private var body: [UInt8]
  private var sentBytes = 0

  /// As long as it was when it was whole.
  private let bodyBytes: Int
  private let isCopied: Bool
  private var headBlock: [UInt8] = []

  init(_ easy: EasyHandle, _ transfer: Transfer, _ order: TransferOrder, _ multi: CurlMulti) {
    self.transfer = transfer
    self.multi = multi
    self.isCopied = order.isCopied && order.method == .post
    self.body = order.isCopied ? [] : order.body
    self.bodyBytes = order.body.count
    super.init(easy)
  }

  // MARK: - From libcurl

  func bytesCame(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard self.transfer.takesBytes() else { return Int(CURL_WRITEFUNC_PAUSE) }
    unsafe self.transfer.bytesCame(bytes.assumingMemoryBound(to: UInt8.self).span)
    return bytes.count
  }

  /// Zero ends the transfer as unintelligible.
  func headLineCame(_ line: UnsafeRawBufferPointer) -> Int {
    // Trailers come this way too, after the body has begun.
    guard !self.transfer.hasHead else { return line.count }
    // An upstream whose head never ends is cut off here; libcurl itself allows 300 KB.
    guard self.headBlock.count + line.count <= 128 * 1024 else { return 0 }
    unsafe self.headBlock.append(contentsOf: line.assumingMemoryBound(to: UInt8.self))
    // libcurl brings whole lines; the empty one ends the head, however its lines before ended.
    guard line.count <= 2, unsafe line.last == 0x0A, unsafe line.count == 1 || line.first == 0x0D else {
      return line.count
    }
    if self.headBlock.beginsAnInterimHead {
      self.headBlock = []
      return line.count
    }
    var block: [UInt8] = []
    swap(&block, &self.headBlock)
    guard let head = ResponseHead(parsing: block.span) else { return 0 }
    self.transfer.headCame(head)
    // A stream may last for hours: its request's megabytes need not. Nothing is sent again after this.
    if self.sentBytes == self.body.count { self.body = [] }
    return line.count
  }

  func bodyWanted(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, self.body.count - self.sentBytes)
    unsafe self.body.withUnsafeBytes { bytes in
      unsafe room.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[self.sentBytes..<self.sentBytes + count]))
    }
    self.sentBytes += count
    return count
  }

  /// libcurl sends the body again from `offset` when a reused connection turned out to be dead.
  func bodyWanted(from offset: Int) -> Bool {
    guard offset >= 0, offset <= self.body.count else { return false }
    self.sentBytes = offset
    return true
  }

  override func ended(_ fault: TransferFault?) {
    self.multi.release(self, keepingConnection: true)
    // Of a head that has begun and does not end, libcurl says nothing.
    let fault = fault ?? (self.transfer.hasHead ? nil : .truncated)
    self.transfer.ended(fault.map { .failed($0) } ?? .complete)
  }

  // MARK: - For the transfer

  /// May call back with what was refused before it returns.
  func goOn() {
    _ = unsafe curl_easy_pause(self.easy.raw, CURLPAUSE_CONT)
  }

  func settle() {
    // What libcurl has not sent by now it still needs.
    guard self.easy.sentBytes >= self.bodyBytes else { return }
    if self.isCopied { self.easy.forgetRequest() }
    self.easy.forgetSendingRoom()
  }

  func leave() {
    // An HTTP/2 stream that is left would go on at the upstream's end, because libcurl 7.88 keeps the connection and tells
    // nobody; without the connection it cannot. In HTTP/1.1 it is closed anyway.
    self.multi.release(self, keepingConnection: false)
  }
}

extension [UInt8] {
  /// `HTTP/1.1 1xx`: something precedes the real head. 101 cannot come, nobody asks for it.
  fileprivate var beginsAnInterimHead: Bool {
    guard let blank = self.firstIndex(of: UInt8(ascii: " ")), blank + 1 < self.count else { return false }
    return self[blank + 1] == UInt8(ascii: "1")
  }
}
