import Foundation
import Testing

@testable import Systemd

struct CredentialsTests {
  @Test func `credentials are read by name, byte for byte`() throws {
    let directory = try TemporaryDirectory()
    let secret = Data([115, 107, 0, 10, 255])
    try secret.write(to: URL(fileURLWithPath: "\(directory.path)/upstream-api-key"))
    try Data().write(to: URL(fileURLWithPath: "\(directory.path)/empty"))
    let credentials = Credentials(directory: directory.path)
    #expect(credentials.names() == ["empty", "upstream-api-key"])
    #expect(try credentials.read("upstream-api-key") == [UInt8](secret))
    #expect(try credentials.read("empty") == [])
    #expect(try credentials.read("openai-api-key") == nil)
  }

  @Test(arguments: ["", ".", "..", "../etc/passwd", "a/b", "a\0b"])
  func `a name never leaves the directory`(name: String) {
    #expect(throws: CredentialError.badName(name)) { try Credentials(directory: "/etc").read(name) }
  }

  @Test func `a symbolic link is not followed`() throws {
    let directory = try TemporaryDirectory()
    symlink("/etc/passwd", "\(directory.path)/key")
    #expect(throws: CredentialError.self) { try Credentials(directory: directory.path).read("key") }
  }

  @Test func `a credential above the limit is refused, one at the limit is not`() throws {
    let directory = try TemporaryDirectory()
    try Data(count: 16).write(to: URL(fileURLWithPath: "\(directory.path)/key"))
    let credentials = Credentials(directory: directory.path)
    #expect(try credentials.read("key", limitBytes: 16)?.count == 16)
    #expect(throws: CredentialError.tooLarge("key", limitBytes: 15)) {
      try credentials.read("key", limitBytes: 15)
    }
  }

  @Test func `no directory means no names`() {
    #expect(Credentials(directory: "/nonexistent").names() == [])
  }
}
