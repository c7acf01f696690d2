/// What a proxy in front does to requests and replies that clients of this daemon cannot do with.
enum DoctorFault: Hashable {
  case unreachable(status: Int)
  case redirect(status: Int, location: String)
  case oldProtocol
  case lostField(String)
  case bodyLimit(bytes: Int)
  case buffering(milliseconds: UInt64)
  case compressedStream(String)
  case readTimeout(seconds: Int)

  var symptom: String {
    switch self {
    case .unreachable(let status): "nginx does not reach the daemon and answers \(status)"
    case .redirect(let status, let location):
      "requests are redirected (\(status)) to \(location); a client's POST does not survive that"
    case .oldProtocol: "nginx speaks HTTP/1.0 to the daemon: no connection is kept"
    case .lostField(let name): "the header field \(name) does not reach the daemon"
    case .bodyLimit(let bytes): "a body of \(bytes) bytes is refused by nginx, not by the daemon"
    case .buffering(let milliseconds):
      "the events of a stream are held back: all came at once, \(milliseconds) ms after the request"
    case .compressedStream(let coding): "event streams are compressed (\(coding)), which holds events back"
    case .readTimeout(let seconds): "an answer that takes \(seconds) s is given up"
    }
  }

  /// A line of nginx's configuration, or what to do where no single one helps.
  var cure: String {
    switch self {
    case .unreachable:
      "server unix:/run/claude-proxy/nginx.sock; in the upstream, and see /var/log/nginx/error.log"
    case .redirect:
      "give clients the final address, or serve this one: proxy_pass instead of return or rewrite"
    case .oldProtocol: "proxy_http_version 1.1; and proxy_set_header Connection \"\";"
    case .lostField(let name):
      "proxy_pass_request_headers on; and no proxy_set_header that empties \(name) or gives it another name"
        + " (names with an underscore are dropped on the way)"
    case .bodyLimit: "client_max_body_size 40m;"
    case .buffering: "proxy_buffering off; and no proxy_ignore_headers X-Accel-Buffering"
    case .compressedStream: "gzip_types without text/event-stream"
    case .readTimeout: "proxy_read_timeout 3600s;"
    }
  }
}
