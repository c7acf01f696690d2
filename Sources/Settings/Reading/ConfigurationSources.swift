/// Everything a configuration is made of, already read: this target opens nothing itself.
package struct ConfigurationSources {
  package struct File {
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// Why a file named by a setting could not be had, in the system's words.
  package struct Unreadable: Error, Equatable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
  }

  /// In order: a later assignment replaces an earlier one.
  package var files: [File]
  /// The process environment; wins over the files.
  package var environment: [(name: String, value: String)]
  /// The contents of `$CREDENTIALS_DIRECTORY`, by file name.
  package var credentials: [String: [UInt8]]
  /// What `NAME_FILE` settings are read with.
  package var readFile: (_ path: String) -> Result<[UInt8], Unreadable>
  package var listeners: ListenerOrigin
  /// Faults met while gathering the above, reported with the rest.
  package var faults: [ConfigurationFault] = []

  package init(
    files: [File] = [], environment: [(name: String, value: String)] = [],
    credentials: [String: [UInt8]] = [:], listeners: ListenerOrigin = .bound,
    readFile: @escaping (_ path: String) -> Result<[UInt8], Unreadable> = { _ in
      .failure(Unreadable(reason: "No such file or directory"))
    }
  ) {
    self.files = files
    self.environment = environment
    self.credentials = credentials
    self.listeners = listeners
    self.readFile = readFile
  }
}

/// What became of a configuration. A refused one leaves nothing behind that could be used by mistake.
package enum ConfigurationOutcome: Sendable, Equatable {
  case accepted(Settings, remarks: [ConfigurationRemark])
  case refused([ConfigurationFault], remarks: [ConfigurationRemark])

  package var remarks: [ConfigurationRemark] {
    switch self {
    case .accepted(_, let remarks), .refused(_, let remarks): remarks
    }
  }
}
