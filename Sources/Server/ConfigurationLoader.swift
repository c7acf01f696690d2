@unsafe @preconcurrency internal import Glibc
internal import Platform
package import Settings
internal import Systemd

/// Reads the files, the process environment and the credentials a configuration is made of, from the start of the
/// process to its last reload in the same way.
package struct ConfigurationLoader: Sendable {
  package static let defaultDirectory = "/etc/claude-proxy"
  private static let largestFileBytes = 1 << 20

  /// Replaces both default places when given.
  private let configFile: String?
  private let environment: [(name: String, value: String)]
  private let directory: String
  private var found: FoundSettings?

  /// `configFile` is what `--config` says; `CLAUDE_PROXY_CONFIG` counts where it says nothing.
  package init(
    configFile: String? = nil, environment: [(name: String, value: String)] = processEnvironment(),
    directory: String = defaultDirectory
  ) {
    self.configFile = configFile ?? Self.value("CLAUDE_PROXY_CONFIG", in: environment)
    self.environment = environment
    self.directory = directory
  }

  /// Where an operator writes settings.
  package var fileToEdit: String { self.configFile ?? self.directory + "/claude-proxy.env" }

  package func load(listeners: ListenerOrigin = .bound) -> ConfigurationOutcome {
    let outcome = Settings.resolve(self.sources(listeners: listeners))
    return self.found?.complete(outcome) ?? outcome
  }

  /// For a daemon that will serve by it, which fills what the configuration leaves open.
  func forService() -> ConfigurationLoader {
    var loader = self
    loader.found = FoundSettings(environment: self.environment)
    return loader
  }

  /// The environment this process was started with.
  package static func processEnvironment() -> [(name: String, value: String)] {
    var variables: [(name: String, value: String)] = []
    var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = unsafe environ
    while let entry = unsafe next.pointee {
      let parts = unsafe String(cString: entry).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables.append((String(parts[0]), String(parts[1]))) }
      unsafe next += 1
    }
    return variables
  }

  func sources(listeners: ListenerOrigin) -> ConfigurationSources {
    var sources = ConfigurationSources(
      environment: self.environment, listeners: listeners,
      readFile: { path in Self.read(path).mapError { .init(reason: $0.description) } })
    if let configFile = self.configFile {
      self.add(configFile, isRequired: true, to: &sources)
    } else {
      self.add(self.directory + "/claude-proxy.env", isRequired: false, to: &sources)
      for name in Self.names(in: self.directory + "/conf.d", to: &sources) {
        self.add(self.directory + "/conf.d/" + name, isRequired: true, to: &sources)
      }
    }
    self.addCredentials(to: &sources)
    return sources
  }

  private func add(_ path: String, isRequired: Bool, to sources: inout ConfigurationSources) {
    switch Self.read(path) {
    case .success(let bytes): sources.files.append(.init(path: path, bytes: bytes))
    case .failure(let failure) where failure.isAbsent && !isRequired: break
    case .failure(let failure):
      sources.faults.append(Self.fault(path, "cannot be read: \(failure.description)"))
    }
  }

  private static func value(_ name: String, in environment: [(name: String, value: String)]) -> String? {
    environment.last { $0.name == name && !$0.value.isEmpty }?.value
  }

  private func addCredentials(to sources: inout ConfigurationSources) {
    guard let directory = Self.value("CREDENTIALS_DIRECTORY", in: self.environment) else { return }
    let credentials = Credentials(directory: directory)
    for name in credentials.names() {
      do throws(CredentialError) {
        sources.credentials[name] = try credentials.read(name)
      } catch {
        sources.faults.append(Self.fault("credential", error.description))
      }
    }
  }

  private static func fault(_ file: String, _ text: String) -> ConfigurationFault {
    ConfigurationFault(
      at: ConfigurationPlace(file: file, line: 0), key: "", value: nil, expected: text)
  }
}

extension ConfigurationLoader {
  /// Why a file's bytes are not to be had.
  private struct ReadFailure: Error {
    let description: String
    var isAbsent = false

    init(_ description: String) { self.description = description }

    init(_ errno: Errno) {
      self.description = errno.description
      self.isAbsent = errno == .noSuchFile
    }
  }

  /// The `*.env` files of a directory in the order of their bytes; a directory that is not there has none.
  private static func names(in directory: String, to sources: inout ConfigurationSources) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      let failure = Errno.last
      if failure != .noSuchFile {
        sources.faults.append(Self.fault(directory, "cannot be read: \(failure)"))
      }
      return []
    }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
      }
      if name.hasSuffix(".env"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func read(_ path: String) -> Result<[UInt8], ReadFailure> {
    let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return .failure(ReadFailure(Errno.last)) }
    let descriptor = OwnedDescriptor(taking: raw)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
      }
      if count == 0 { return .success(bytes) }
      if count < 0 {
        let failure = Errno.last
        if failure == .interrupted { continue }
        return .failure(ReadFailure(failure))
      }
      bytes += chunk.prefix(count)
      if bytes.count > Self.largestFileBytes {
        return .failure(ReadFailure("larger than \(Self.largestFileBytes) bytes"))
      }
    }
  }
}
