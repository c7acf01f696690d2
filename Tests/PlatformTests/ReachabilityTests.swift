import Platform
import Testing

/// Knocking at addresses.
@Suite struct ReachabilityTests {
  @Test("a listener is found, by number and by name; a closed port and a name of nobody are not")
  func knocking() throws {
    let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    let listener = try Listener.bind(address, backlog: 8)
    let port = Int(try #require(listener.localAddress).port)
    #expect(Reachability.accepts(host: "127.0.0.1", port: port, withinMilliseconds: 5_000))
    #expect(Reachability.accepts(host: "localhost", port: port, withinMilliseconds: 5_000))
    #expect(!Reachability.accepts(host: "127.0.0.1", port: 9, withinMilliseconds: 5_000))
    #expect(!Reachability.accepts(host: "nobody.invalid", port: port, withinMilliseconds: 500))
  }
}
