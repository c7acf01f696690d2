import Testing

@testable import Upstream

/// Which URLs are plain enough for the daemon's own HTTP.
@Suite struct DirectURLTests {
  @Test(
    "a plain URL is taken apart",
    arguments: [
      ("http://localhost/v1/x", "localhost", "/v1/x"), ("http://a-b.example:8080", "a-b.example:8080", "/"),
      ("http://127.0.0.1:80/a?b=c&d", "127.0.0.1", "/a?b=c&d"), ("http://[::1]:9/x", "[::1]:9", "/x"),
      ("http://[2001:db8::1]", "[2001:db8::1]", "/"), ("http://vllm_1?x", "vllm_1", "/?x"),
      ("http://9router.local./x", "9router.local.", "/x"), ("http://h:65535/%2e/", "h:65535", "/%2e/"),
      ("http://h/a.b/c", "h", "/a.b/c"),
    ])
  func plain(_ url: String, _ authority: String, _ target: String) {
    let direct = DirectURL(url)
    #expect(direct?.authority == authority && direct?.target == target)
  }

  @Test(
    "whatever is unusual is libcurl's business",
    arguments: [
      "https://h/", "ftp://h/", "HTTP://h/", "http:/h/", "http://", "http:///x", "http://u:p@h/",
      "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://127.0.0.256/", "http://127.0.0.01/",
      "http://1.2.3.4./", "http://./",
      "http://h:0/",
      "http://h:65536/", "http://h:/", "http://h:1x/", "http://[::1/", "http://[]/", "http://[::1]x/",
      "http://[fe80::1%25eth0]/", "http://höst/", "http://h%41/", "http://h/a b", "http://h/\u{7f}",
      "http://h/ä",
      "http://h/x#y", "http://h/./x", "http://h/../x", "http://h/a/..", "http://h/.hidden", "http://h/a\\b",
      "http://h\r\nX: y/", "http://h/\r\nX: y", "http://h\0/", "",
    ])
  func unusual(_ url: String) {
    #expect(DirectURL(url) == nil)
  }
}
