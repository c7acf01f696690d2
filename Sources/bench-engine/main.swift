import Dialogue

/// What the words behind the program's name ask for:
///
///     bench-engine                          the figures of both directions
///     bench-engine CLIENT KIND COUNT        as many deltas (text, reasoning, arguments) for a client of that protocol
///     bench-engine CLIENT WORK COUNT        one work again and again, for a profiler: request, image, reply
let words = Array(CommandLine.arguments.dropFirst())
if words.isEmpty {
  print("processor time of one thread, best of 15 rounds")
  for direction in Direction.both { Report(direction: direction).print() }
} else if words.count == 3, let direction = Direction.both.first(where: { $0.client.rawValue == words[0] }),
  let count = Int(words[2])
{
  var bytes = 0
  if let kind = DeltaStream.Kind(rawValue: words[1]) {
    var stream = DeltaStream(direction, of: kind)
    stream.run(count)
    bytes = stream.writtenBytes
  } else if words[1] == "reply" {
    let reply = direction.spelledReply
    for _ in 0..<count { bytes += direction.reply(reply) }
  } else {
    let request = direction.spelledRequest(Conversation(imageBytes: words[1] == "image" ? 8 << 20 : 0))
    for _ in 0..<count { bytes += direction.request(request) }
  }
  print("\(bytes) bytes written")
}
