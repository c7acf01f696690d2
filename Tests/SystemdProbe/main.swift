import Glibc
import Platform
import Systemd

// A process of its own for the tests of Systemd: environment and inherited descriptors belong to a process.
//
// Each argument is one question, answered by lines on standard output.

func report(_ line: String) {
  print(line)
}

func takeSockets() {
  do throws(ListenSocketError) {
    for socket in try ListenSockets.take() {
      let isNonBlocking = fcntl(socket.descriptor.raw, F_GETFL) & O_NONBLOCK != 0
      let isClosedOnExec = fcntl(socket.descriptor.raw, F_GETFD) & FD_CLOEXEC != 0
      report(
        "socket \(socket.name) \(socket.family) \(socket.address) "
          + "nonblocking=\(isNonBlocking) cloexec=\(isClosedOnExec)")
    }
  } catch {
    report("error \(error)")
  }
  for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] where getenv(name) != nil {
    report("left \(name)")
  }
}

func notify() {
  let notifier = Notifier()
  report("supervised \(notifier.isSupervised)")
  report("outcome \(notifier.send(.ready, .status("2 workers\nSTOPPING=1")))")
  report("outcome \(notifier.send(.reloading))")
  report("outcome \(notifier.send(.watchdog, .extendTimeout(microseconds: 30_000_000)))")
  report("outcome \(notifier.send(.stopping, .failure(Errno(code: 98))))")
}

func writeToJournal() {
  report("journal \(JournalStream.isConnected())")
  do throws(JournalError) {
    var entry = JournalEntry(priority: .notice, message: "two\nlines = one message")
    try entry.append("SYSLOG_IDENTIFIER", "systemd-probe")
    try entry.append("EMPTY", "")
    try entry.append("RAW", bytes: [0, 10, 61, 255])
    try entry.append("LONG", String(repeating: "x", count: 1 << 20))
    try entry.send()
    report("sent")
  } catch {
    report("error \(error)")
  }
}

for question in CommandLine.arguments.dropFirst() {
  switch question {
  case "sockets": takeSockets()
  case "notify": notify()
  case "journal": writeToJournal()
  case "watchdog": report("watchdog \(Watchdog.intervalMicroseconds().map(String.init) ?? "none")")
  case "journal-stream": report("journal \(JournalStream.isConnected())")
  default: report("unknown question \(question)")
  }
}
