import Platform
import Tokens
import Wire

/// Figures of the counter, one thread: `bench-tokens FOLDER < text`. `Tests/Bench/tokens.py` sets them beside
/// those of PyPI's tiktoken on the same text.
let words = Array(CommandLine.arguments.dropFirst())
guard let folder = words.first else { fatalError("bench-tokens FOLDER < text") }
let text = Gauge.standardInput()
for name in EncodingName.allCases {
  let bench = try TokenBench(name, folder: folder)
  bench.texts(text)
  bench.requests(text)
  bench.runs()
}
