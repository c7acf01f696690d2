import Foundation

/// Runs `systemd-probe` with an environment and inherited descriptors of the test's choosing.
struct Probe {
  var environment: [String: String] = [:]
  /// Put at descriptor 3 and up, as the service manager does.
  var passed: [Int32] = []
  var errorOutput: Int32?
  /// `LISTEN_PID` is the probe's own unless the test says otherwise.
  var setsListenPID = true

  func ask(_ questions: String...) throws -> [String] {
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("systemd-probe").path
    var pipes: [Int32] = [0, 0]
    guard pipe(&pipes) == 0 else { throw ProbeFailure(step: "pipe", code: errno) }
    defer { close(pipes[0]) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // First out of the way, then into place: a source may lie where another one is to go.
    for (offset, descriptor) in self.passed.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, 200 + Int32(offset))
    }
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    if let errorOutput { posix_spawn_file_actions_adddup2(&actions, errorOutput, 2) }
    for offset in self.passed.indices {
      posix_spawn_file_actions_adddup2(&actions, 200 + Int32(offset), 3 + Int32(offset))
      posix_spawn_file_actions_addclose(&actions, 200 + Int32(offset))
    }
    // Only the shell knows the process the probe will be.
    let script = self.setsListenPID ? "LISTEN_PID=$$ exec \"$0\" \"$@\"" : "exec \"$0\" \"$@\""
    let child = try Self.spawn(["/bin/sh", "-c", script, program] + questions, self.environment, &actions)
    close(pipes[1])
    let output = FileHandle(fileDescriptor: pipes[0], closeOnDealloc: false).readDataToEndOfFile()
    var status: Int32 = 0
    waitpid(child, &status, 0)
    guard status == 0 else { throw ProbeFailure(step: "exit", code: status) }
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String: String], _ actions: inout posix_spawn_file_actions_t
  ) throws -> pid_t {
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, "/bin/sh", &actions, nil, &argv, &envp)
    guard code == 0 else { throw ProbeFailure(step: "spawn", code: code) }
    return child
  }
}

struct ProbeFailure: Error {
  let step: String
  let code: Int32
}
