internal import Gateway
internal import Settings

/// What the supervisor begins with.
struct Launch {
  let loader: ConfigurationLoader
  let origin: ListenerOrigin
  let snapshot: Snapshot
  /// For the status line: what is wrong with the configuration, if something is.
  let note: String
}
