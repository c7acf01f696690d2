internal import CPlatform
internal import Glibc

/// A thread that was started and can be joined once.
package struct Thread: Sendable {
  private let handle: pthread_t

  private init(handle: pthread_t) {
    self.handle = handle
  }

  /// Starts `body` on a thread of its own; the kernel shows the first 15 bytes of `name`.
  package static func start(
    name: String, stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
  ) throws(Errno) -> Thread {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var handle = pthread_t()
    let code = unsafe pthread_create(&handle, &attributes, runThread, start.toOpaque())
    guard code == 0 else {
      unsafe start.release()
      throw Errno(code: code)
    }
    return Thread(handle: handle)
  }

  /// Ends a system call the thread may be held up in; harmless otherwise. Needs `prepareInterrupts`.
  package func interrupt() {
    _ = pthread_kill(self.handle, SIGURG)
  }

  /// SIGURG does nothing but end system calls from now on (its default is to be ignored, which would end none).
  package static func prepareInterrupts() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    _ = unsafe sigaction(SIGURG, &action, nil)
  }

  /// Waits for the thread's end, at most that long; false when time ran out.
  package func join(withinMilliseconds milliseconds: Int) -> Bool {
    cp_join_within(self.handle, milliseconds) == 0
  }

  /// Nobody will wait for its end.
  package func detach() {
    _ = pthread_detach(self.handle)
  }

  /// Waits until the thread has ended.
  package func join() {
    _ = pthread_join(self.handle, nil)
  }
}

/// What a new thread needs to know, carried across `pthread_create`.
private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
  // Whoever starts it may have blocked all signals; `interrupt` must reach it.
  var interrupts = sigset_t()
  unsafe sigemptyset(&interrupts)
  unsafe sigaddset(&interrupts, SIGURG)
  _ = unsafe pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
  _ = unsafe pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
  start.body()
  return nil
}
