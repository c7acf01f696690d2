/// The language a client speaks, which decides the shape of every error it gets.
package enum ClientProtocol: Sendable, Equatable {
  case anthropic
  case openAI
}
