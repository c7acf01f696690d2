/// Whether an exchange can go on without the number of its request's tokens.
enum CountState {
  case unneeded
  /// What the client hears next holds it.
  case awaited
  case known
}
