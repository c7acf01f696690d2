import Dialogue

/// Measures and prints the figures of one direction, each beside its goal.
struct Report {
  let direction: Direction

  private var name: String { "\(self.direction.client.rawValue) to \(self.direction.upstream.rawValue)" }
  private var wayBack: String { "\(self.direction.upstream.rawValue) to \(self.direction.client.rawValue)" }

  func print() {
    let direction = self.direction
    let request = direction.spelledRequest(Conversation())
    self.throughput("request", self.name, request, goal: 400, direction.request)
    let withImage = direction.spelledRequest(Conversation(imageBytes: 8 << 20))
    self.throughput("image", self.name, withImage, goal: 2000, direction.request)
    self.throughput("reply", self.wayBack, direction.spelledReply, goal: 400, direction.reply)
    for kind in DeltaStream.Kind.allCases { self.delta(kind) }
  }

  private func delta(_ kind: DeltaStream.Kind) {
    var stream = DeltaStream(self.direction, of: kind)
    let before = stream.writtenBytes
    let microseconds = Stopwatch.seconds { stream.run(1000) } * 1000
    let isWritten = stream.writtenBytes > before
    let figure = isWritten ? "\(Self.spelled(microseconds)) us" : "no output"
    let goal = self.direction.upstream == .chat ? "goal 1.00" : "goal: twice the other way"
    self.line(kind.rawValue, self.wayBack, stream.deltaBytes, figure, goal)
  }

  private func throughput(
    _ kind: String, _ way: String, _ input: [UInt8], goal: Int, _ work: ([UInt8]) -> Int
  ) {
    var output = 0
    let seconds = Stopwatch.seconds { output = work(input) }
    let figure = output > 0 ? "\(Int(Double(input.count) / seconds / 1e6)) MB/s" : "refused"
    self.line(kind, way, input.count, figure, "goal \(goal)")
  }

  private func line(_ kind: String, _ way: String, _ bytes: Int, _ figure: String, _ goal: String) {
    func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
      let blanks = String(repeating: " ", count: max(0, width - text.count))
      return left ? blanks + text : text + blanks
    }
    Swift.print(
      padded(kind, 10), padded(way, 26), padded("\(bytes) bytes", 16, left: true),
      padded(figure, 12, left: true), "  (\(goal))")
  }

  private static func spelled(_ number: Double) -> String {
    let hundredths = Int(number * 100 + 0.5)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
