import Foundation
import Settings
import Testing

@testable import Server

/// Where a configuration is read from, on real files.
@Suite struct ConfigurationLoaderTests {
  /// A directory such as `/etc/claude-proxy`, gone when the test is.
  final class Directory {
    let path = NSTemporaryDirectory() + "claude-proxy-" + UUID().uuidString

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let place = URL(fileURLWithPath: self.path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
  }

  private func accepted(_ outcome: ConfigurationOutcome) throws -> Settings {
    guard case .accepted(let settings, _) = outcome else {
      Issue.record("\(outcome)")
      throw CancellationError()
    }
    return settings
  }

  private func faults(_ outcome: ConfigurationOutcome) -> [String] {
    guard case .refused(let faults, _) = outcome else { return [] }
    return faults.map(\.description)
  }

  @Test("the main file comes first, then conf.d in the order of its names, and only what ends in .env")
  func order() throws {
    let directory = try Directory([
      "claude-proxy.env": "PORT=1\nGUNICORN_WORKERS=5\n", "conf.d/10-a.env": "PORT=2\n",
      "conf.d/20-b.env": "PORT=3\n", "conf.d/30-c.env.dpkg-old": "PORT=4\n", "conf.d/.40.env": "PORT=5\n",
    ])
    let settings = try accepted(ConfigurationLoader(environment: [], directory: directory.path).load())
    #expect(settings.listening.port == 3)
    #expect(settings.workers.count == 5)
  }

  @Test("no file at all is no fault")
  func nothing() throws {
    let outcome = ConfigurationLoader(environment: [], directory: "/nonexistent/claude-proxy").load()
    #expect(try accepted(outcome) == Settings())
  }

  @Test("a named file replaces both places, the command line's before the variable's")
  func named() throws {
    let directory = try Directory([
      "claude-proxy.env": "PORT=1\n", "conf.d/a.env": "GUNICORN_WORKERS=5\n", "x.env": "PORT=8\n",
      "y.env": "PORT=9\n",
    ])
    let environment = [(name: "CLAUDE_PROXY_CONFIG", value: directory.path + "/x.env")]
    let byVariable = ConfigurationLoader(environment: environment, directory: directory.path)
    let settings = try accepted(byVariable.load())
    #expect(settings.listening.port == 8 && settings.workers.count == 2)
    let byOption = ConfigurationLoader(
      configFile: directory.path + "/y.env", environment: environment, directory: directory.path)
    #expect(try accepted(byOption.load()).listening.port == 9)
  }

  @Test("a named file that is not there, or is no file, is a fault that names it")
  func missing() throws {
    let directory = try Directory(["claude-proxy.env/inside": ""])
    #expect(
      faults(ConfigurationLoader(configFile: "/nonexistent/x.env", environment: []).load())
        == ["/nonexistent/x.env: cannot be read: No such file or directory"])
    #expect(
      faults(ConfigurationLoader(environment: [], directory: directory.path).load())
        == ["\(directory.path)/claude-proxy.env: cannot be read: Is a directory"])
  }

  @Test("a file larger than a configuration can be is refused")
  func large() throws {
    let directory = try Directory(["claude-proxy.env": String(repeating: "# padding\n", count: 110_000)])
    let faults = faults(ConfigurationLoader(environment: [], directory: directory.path).load())
    #expect(faults.count == 1 && faults[0].contains("larger than 1048576 bytes"))
  }

  @Test("keys come from files of their own and from credentials, and are read anew each time")
  func keys() throws {
    let directory = try Directory([
      "claude-proxy.env": "", "key": "first-key-1\n", "credentials/openai-api-key": "credential-key\n",
    ])
    let text = "UPSTREAM_API_URL=http://127.0.0.1/\nUPSTREAM_API_KEY_FILE=\(directory.path)/key\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory.path + "/claude-proxy.env"))
    let environment = [(name: "CREDENTIALS_DIRECTORY", value: directory.path + "/credentials")]
    let loader = ConfigurationLoader(environment: environment, directory: directory.path)
    let first = try accepted(loader.load())
    #expect(first.plan.anthropic?.key?.revealed == "first-key-1")
    #expect(first.plan.openAI?.key?.revealed == "credential-key")
    try Data("second-key-2\n".utf8).write(to: URL(fileURLWithPath: directory.path + "/key"))
    let second = try accepted(loader.load())
    #expect(second.changes(from: first).map(\.name) == ["UPSTREAM_API_KEY"])
  }

  @Test("the process environment is all of it, and wins")
  func environment() throws {
    let own = Dictionary(
      ConfigurationLoader.processEnvironment().map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    #expect(own["PATH"] == ProcessInfo.processInfo.environment["PATH"])
    let directory = try Directory(["claude-proxy.env": "PORT=1\n"])
    let loader = ConfigurationLoader(environment: [(name: "PORT", value: "2")], directory: directory.path)
    #expect(try accepted(loader.load()).listening.port == 2)
  }
}
