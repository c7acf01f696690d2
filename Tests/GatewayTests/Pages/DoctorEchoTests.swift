import Testing
import Wire

@testable import Gateway

@Suite struct DoctorEchoTests {
  @Test func whoDoesNotAskIsToldNothing() throws {
    let head = try Requests.head("GET /livez", [("x-api-key", "k")])
    #expect(DoctorEcho.value(for: head, isDemo: true) == nil)
  }

  @Test func theVersionAndTheKnownFieldsAreToldAndNoValue() throws {
    let sent = [("X-Proxy-Doctor", "1"), ("X-Api-Key", "sk-secret"), ("x-inner", "hidden")]
    var head = try Requests.head("GET /livez", sent)
    #expect(DoctorEcho.value(for: head, isDemo: false) == "http/1.1 x-api-key")
    head.minorVersion = 0
    #expect(DoctorEcho.value(for: head, isDemo: true) == "http/1.0 demo x-api-key")
  }
}
