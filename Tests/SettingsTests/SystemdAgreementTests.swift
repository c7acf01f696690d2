import Foundation
import Testing

@testable import Settings

/// systemd's own reader of such files, as its environment generator runs it: the judge of random files.
@Suite struct SystemdAgreementTests {
  static let generator = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"

  @Test(
    "random files mean what they mean to systemd",
    .enabled(if: FileManager.default.isExecutableFile(atPath: Self.generator)))
  func agreement() throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: home) }
    let directory = home.appendingPathComponent("environment.d")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var random = SeededRandom(state: 7)
    var compared = 0
    for _ in 0..<150 {
      let text = Self.text(&random)
      let file = EnvironmentFile(path: "f", bytes: Array(text.utf8))
      guard file.faults.isEmpty else { continue }
      try Data(text.utf8).write(to: directory.appendingPathComponent("a.conf"))
      var own: [String: String] = [:]
      for assignment in file.assignments where !assignment.value.isEmpty {
        own[assignment.key] = assignment.value
      }
      #expect(own == (try Self.systemd(home)), "\(text.debugDescription)")
      compared += 1
    }
    #expect(compared > 50)
  }

  /// Without what is read differently on purpose: ` # comment` after a value, a comment that ends in a backslash.
  private static func text(_ random: inout SeededRandom) -> String {
    while true {
      var text = ""
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        text += "\(["K", "L", " M "].randomElement(using: &random) ?? "K")="
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          let pieces = ["a", "b", " ", "\t", "\"", "'", "\\", "\\\n", "\\\"", "=", ";", "#", "`"]
          text += pieces.randomElement(using: &random) ?? ""
        }
        text += "\n"
      }
      let hasComment =
        text.contains("\n#") || text.contains("\n;") || text.contains(" #") || text.contains("\t#")
      if !hasComment, !text.contains("\" #"), !text.contains("' #") { return text }
    }
  }

  private static func systemd(_ home: URL) throws -> [String: String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.generator)
    process.environment = ["XDG_CONFIG_HOME": home.path, "HOME": home.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var values: [String: String] = [:]
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ["K", "L", "M"].contains(parts[0]) else { continue }
      values[String(parts[0])] = Self.unquoted(String(parts[1]))
    }
    return values
  }

  private static func unquoted(_ text: String) -> String {
    guard text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 else { return text }
    var result = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if isEscaped {
        result.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
