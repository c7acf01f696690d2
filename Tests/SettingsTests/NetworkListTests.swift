import Settings
import Testing

@Suite struct NetworkListTests {
  static func holds(_ list: String, _ address: String) -> Bool? {
    guard let list = NetworkList(list), let address = IPAddress(address) else { return nil }
    return list.holds(address)
  }

  @Test(
    "addresses and networks",
    arguments: [
      ("127.0.0.1,::1", "127.0.0.1", true), ("127.0.0.1,::1", "::1", true),
      ("127.0.0.1", "127.0.0.2", false),
      ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
      ("0.0.0.0/0", "1.2.3.4", true),
      ("0.0.0.0/0", "2001:db8::1", false), ("192.168.4.0/22", "192.168.7.255", true),
      ("192.168.4.0/22", "192.168.8.0", false), ("2001:db8::/32", "2001:db8:1::5", true),
      ("2001:db8::/32", "2001:db9::", false), ("*", "203.0.113.9", true), ("", "127.0.0.1", false),
      (" 127.0.0.1 , 10.0.0.1 ", "10.0.0.1", true), ("::/0", "10.0.0.1", true),
    ])
  func membership(_ list: String, _ address: String, _ holds: Bool) {
    #expect(Self.holds(list, address) == holds)
  }

  @Test(
    "what is none is refused",
    arguments: [
      "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "::1/129", "2001:db8::1/32", "1.2.3",
      "10.0.0.0/8/8", "*,::1",
    ])
  func refused(_ list: String) {
    #expect(NetworkList(list) == nil)
  }
}
