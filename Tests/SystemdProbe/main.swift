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

for question in CommandLine.arguments.dropFirst() {
  switch question {
  case "sockets": takeSockets()
  case "notify": notify()
  case "watchdog": report("watchdog \(Watchdog.intervalMicroseconds().map(String.init) ?? "none")")
  case "journal-stream": report("journal \(JournalStream.isConnected())")
  default: report("unknown question \(question)")
  }
}
