import Dialogue
import Foundation
import Testing
import Wire

/// Runs `claude-proxy translate` itself, as an operator would.
@Suite struct FilterTests {
  private static func binary() throws -> URL {
    // The test bundle and the executable are built into the same folder.
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
      folder = URL(filePath: argument).deletingLastPathComponent()
    }
    for _ in 0..<4 {
      let candidate = folder.appending(path: "claude-proxy")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
  }

  struct Outcome {
    let output: [UInt8]
    let errors: String
    let status: Int32
  }

  static func run(_ arguments: [String], input: [UInt8]) throws -> Outcome {
    let process = Process()
    process.executableURL = try self.binary()
    process.arguments = ["translate"] + arguments
    let (input_, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input_
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    try input_.fileHandleForWriting.write(contentsOf: Data(input))
    try input_.fileHandleForWriting.close()
    let written = try output.fileHandleForReading.readToEnd() ?? Data()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      output: Array(written), errors: String(decoding: said, as: UTF8.self), status: process.terminationStatus
    )
  }

  @Test func everyGoldenPassesThroughTheBinary() throws {
    var ran = 0
    for golden in Golden.all {
      var arguments = [
        golden.mode.rawValue, "--from", golden.from.rawValue, "--to", golden.to.rawValue, "--profile",
        golden.profile.name, "--deterministic",
      ]
      if let path = golden.requestPath {
        arguments += ["--request", Golden.folder.appending(path: path).path]
      }
      let outcome = try Self.run(arguments, input: try Golden.bytes(golden.inputPath))
      let (expected, exit) = try GoldenTests.run(golden)
      #expect(outcome.output == expected, "\(golden.id)")
      #expect(Int(outcome.status) == exit, "\(golden.id)")
      ran += 1
    }
    #expect(ran == Golden.all.count)
  }

  @Test(arguments: [
    [], ["request"], ["nonsense"], ["request", "--from", "anthropic"],
    ["request", "--from", "anthropic", "--to", "klingon"],
    ["request", "--from", "anthropic", "--to", "openai-chat", "--profile", "none-such"],
    ["request", "--from", "anthropic", "--to", "openai-chat", "--profile", "anthropic"],
    ["request", "--from", "anthropic", "--to", "openai-chat", "--frobnicate"],
    ["response", "--from", "anthropic", "--to", "openai-chat", "--request", "/nonexistent/file"],
  ])
  func wrongUsageExitsWithTwo(_ arguments: [String]) throws {
    let outcome = try Self.run(arguments, input: Array("{}".utf8))
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("usage:"))
  }

  @Test func linesAreTranslatedOneByOne() throws {
    let lines = [
      #"{"model":"m","max_tokens":5,"top_k":3,"messages":[{"role":"user","content":"x"}]}"#,
      #"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#,
      #"{"model":"m","max_tokens":5,"messages":["#, #"{"model":"m","max_tokens":5,"messages":[]}"#,
    ]
    let arguments = ["--from", "anthropic", "--to", "openai-chat", "--profile", "openai", "--deterministic"]
    let outcome = try Self.run(
      ["request", "--lines"] + arguments, input: Array(lines.joined(separator: "\n").utf8))
    #expect(outcome.status == 0)
    let results = try String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map {
      try JSONDocument(String($0)).root
    }
    #expect(results.map { $0["exit"]?.integer } == [0, 3, 1, 1])
    #expect(results[0]["losses"]?.elements.map { $0["path"]?.string } == ["top_k"])
    for (line, result) in zip(lines, results) {
      let alone = try Self.run(["request"] + arguments, input: Array(line.utf8))
      #expect(result["output"]?.rawText == String(decoding: alone.output, as: UTF8.self))
    }
  }

  @Test func lossesAreLinesOfJSON() throws {
    let body =
      #"{"model":"m","max_tokens":5,"top_k":3,"messages":[{"role":"user","content":"x"}],"mystery":1}"#
    let outcome = try Self.run(
      ["request", "--from", "anthropic", "--to", "openai-chat", "--profile", "openai"],
      input: Array(body.utf8))
    #expect(outcome.status == 0)
    let paths = try outcome.errors.split(separator: "\n").map {
      try JSONDocument(String($0)).root["path"]?.string
    }
    #expect(paths == ["top_k", "mystery"])
  }

  /// What a version of the client's protocol refuses is refused for whoever wants no losses.
  @Test(arguments: [("2026-10-21", "refuse", 1), ("2026-10-21", "report", 0), ("2023-06-01", "refuse", 0)])
  func aVersionThatTakesNoSampling(_ version: String, _ word: String, _ status: Int32) throws {
    let body = #"{"model":"m","max_tokens":1,"top_p":0.5,"messages":[{"role":"user","content":"x"}]}"#
    let outcome = try Self.run(
      [
        "request", "--from", "anthropic", "--to", "openai-chat", "--loss", word, "--header",
        "anthropic-version: \(version)",
      ], input: Array(body.utf8))
    #expect(outcome.status == status)
    #expect(String(decoding: outcome.output, as: UTF8.self).contains("`top_p`") == (status == 1))
  }

  @Test(arguments: ["anthropic", "openai-chat"])
  func aBodyThatIsNoObject(_ client: String) throws {
    let upstream = client == "anthropic" ? "openai-chat" : "anthropic"
    let outcome = try Self.run(["request", "--from", client, "--to", upstream], input: Array("[]".utf8))
    #expect(outcome.status == 1)
    let error = try JSONDocument(outcome.output).root["body"]?["error"]
    #expect(error?["message"]?.string == "The body must be an object, not an array.")
    #expect(client == "anthropic" || error?["param"]?.isNull == true)
  }

}
