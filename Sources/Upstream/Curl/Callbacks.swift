internal import CCurl
internal import Glibc

// libcurl's way back into Swift: each function finds its object and calls one method.

func socketChanged(
  _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32,
  _ context: UnsafeMutableRawPointer?, _ perSocket: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context = unsafe context else { return 0 }
  let task = unsafe easy.flatMap { unsafe CurlTask.of($0) }
  unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().socketWanted(socket, what, by: task)
  return 0
}

func timerChanged(
  _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context = unsafe context else { return 0 }
  unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().timerWanted(milliseconds)
  return 0
}

private func openSocket(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
  _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let context = unsafe context, let address = unsafe address else { return CURL_SOCKET_BAD }
  let socket = unsafe cp_open_socket(address)
  if socket >= 0 {
    unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().socketOpened(socket)
  }
  return socket
}

private func closeSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
  guard let context = unsafe context else { return close(socket) }
  let multi = unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
  return multi.socketCloses(socket) ? close(socket) : 0
}

private func bodyBytesCame(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let request = unsafe Unmanaged<CurlRequest>.fromOpaque(context).takeUnretainedValue()
  return unsafe request.bytesCame(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func headLineCame(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let request = unsafe Unmanaged<CurlRequest>.fromOpaque(context).takeUnretainedValue()
  return unsafe request.headLineCame(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func bodyWanted(
  _ room: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let room = unsafe room else { return 0 }
  let request = unsafe Unmanaged<CurlRequest>.fromOpaque(context).takeUnretainedValue()
  return unsafe request.bodyWanted(UnsafeMutableRawBufferPointer(start: room, count: size * count))
}

private func bodyWantedAgain(
  _ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32
) -> Int32 {
  guard let context = unsafe context, origin == 0 else { return CURL_SEEKFUNC_FAIL }
  let request = unsafe Unmanaged<CurlRequest>.fromOpaque(context).takeUnretainedValue()
  return request.bodyWanted(from: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

extension EasyHandle {
  /// Sets everything one request needs.
  func prepare(for order: TransferOrder, _ request: CurlRequest, _ multi: CurlMulti) {
    self.prepare(for: order.connection, multi)
    self.setTask(request)
    let context = unsafe Unmanaged.passUnretained(request).toOpaque()
    self.set(CURLOPT_URL, order.url)
    self.setHeaders(order.headerLines)
    _ = unsafe cp_easy_set_write_function(self.raw, CURLOPT_WRITEFUNCTION, bodyBytesCame)
    unsafe self.set(CURLOPT_WRITEDATA, context)
    _ = unsafe cp_easy_set_write_function(self.raw, CURLOPT_HEADERFUNCTION, headLineCame)
    unsafe self.set(CURLOPT_HEADERDATA, context)
    if order.method == .post { unsafe self.prepareBody(order, context) }
  }

  /// Sets what it takes to connect and do nothing else.
  func prepare(toDial url: String, _ connection: UpstreamConnection, _ dial: Dial, _ multi: CurlMulti) {
    self.prepare(for: connection, multi)
    self.setTask(dial)
    self.set(CURLOPT_URL, url)
    self.set(CURLOPT_CONNECT_ONLY, 1)
  }

  private func setTask(_ task: CurlTask) {
    unsafe self.set(CURLOPT_PRIVATE, Unmanaged.passUnretained(task).toOpaque())
  }

  /// What it takes to connect.
  private func prepare(for connection: UpstreamConnection, _ multi: CurlMulti) {
    unsafe self.set(CURLOPT_SHARE, multi.sessions)
    self.set(CURLOPT_NOSIGNAL, 1)
    // Else the end of a transfer waits for its resolver thread, and the worker with it.
    self.set(CURLOPT_QUICK_EXIT, 1)
    // Each live stream has such a buffer, and events are short.
    self.set(CURLOPT_BUFFERSIZE, 4 * 1024)
    self.set(CURLOPT_PROTOCOLS_STR, "http,https")
    self.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    self.set(CURLOPT_TCP_KEEPALIVE, 1)
    self.set(CURLOPT_CONNECTTIMEOUT_MS, connection.connectMilliseconds)
    self.set(
      CURLOPT_HTTP_VERSION,
      connection.speaksHTTP2 ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_1_1))
    if let socket = connection.abstractSocket { self.set(CURLOPT_ABSTRACT_UNIX_SOCKET, socket) }
    if let path = connection.socketPath { self.set(CURLOPT_UNIX_SOCKET_PATH, path) }
    if let file = connection.authorityFile { self.set(CURLOPT_CAINFO, file) }
    if let proxy = connection.proxyURL { self.set(CURLOPT_PROXY, proxy) }
    let context = unsafe Unmanaged.passUnretained(multi).toOpaque()
    unsafe self.set(CURLOPT_OPENSOCKETDATA, context)
    _ = unsafe cp_easy_set_open_function(self.raw, openSocket)
    unsafe self.set(CURLOPT_CLOSESOCKETDATA, context)
    _ = unsafe cp_easy_set_close_function(self.raw, closeSocket)
  }

  private func prepareBody(_ order: TransferOrder, _ context: UnsafeMutableRawPointer) {
    self.set(CURLOPT_POST, 1)
    self.set(CURLOPT_POSTFIELDSIZE_LARGE, size: order.body.count)
    if order.isCopied {
      unsafe order.body.withUnsafeBytes { bytes in
        unsafe self.set(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      return
    }
    _ = unsafe cp_easy_set_read_function(self.raw, bodyWanted)
    unsafe self.set(CURLOPT_READDATA, context)
    _ = unsafe cp_easy_set_seek_function(self.raw, bodyWantedAgain)
    unsafe self.set(CURLOPT_SEEKDATA, context)
  }
}
