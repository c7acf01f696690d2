import Dialogue
import Wire

/// `claude-proxy translate`: the engine as a filter, without a network.
enum Translate {
  static let usage = """
    usage: claude-proxy translate request --from P --to P [--profile NAME] [--model NAME] < body
           claude-proxy translate response|stream|error --from UPSTREAM --to CLIENT [--request FILE] < body
      P is \(Dialect.allCases.map(\.rawValue).joined(separator: ", ")).
      --profile NAME      the upstream's profile: \(ProfileTable.names.joined(separator: ", "))
      --model NAME        the model's name on the other side
      --request FILE      the client's request an answer belongs to
      --header 'N: v'     a header of the input; may be repeated
      --headers-out FILE  write the headers of the output there
      --loss WORD         what to do about losses: ignore, report (to standard error, the default) or refuse
      --losses FILE       write losses there instead of to standard error
      --deterministic     fixed clock, counted ids, unsigned envelopes
      --lines             request: a body a line in, {"exit", "output", "losses"} a line out
    exit status: 0; 1 the client gets an error; 2 wrong usage; 3 answered without an upstream

    """

  static func run(arguments: [String]) -> Int32 {
    do throws(TranslateMistake) {
      var command = TranslateCommand(try TranslateOptions(arguments))
      return try command.run()
    } catch {
      TranslateFiles.writeError("claude-proxy translate: \(error.message)\n\(self.usage)")
      return 2
    }
  }
}

/// Why the filter was called wrongly.
struct TranslateMistake: Error {
  let message: String
}
