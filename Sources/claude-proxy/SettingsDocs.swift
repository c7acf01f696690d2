internal import Platform
internal import Settings

/// `claude-proxy settings-docs`: prints the settings' page, or keeps the printed copies in a source tree fresh.
enum SettingsDocs {
  private static let usage = """
    usage: claude-proxy settings-docs [page | table | sample | manual | --check [DIRECTORY] | --write [DIRECTORY]]
    """

  static func run(arguments: [String]) -> Int32 {
    switch (arguments.first ?? "page", arguments.count) {
    case ("page", 0...1): print(SettingsPage.markdown, terminator: "")
    case ("table", 1): print(SettingsPage.table, terminator: "")
    case ("sample", 1): print(SettingsPage.sample, terminator: "")
    case ("manual", 1): print(SettingsPage.manual, terminator: "")
    case ("--help", 1): print(Self.usage)
    case ("--check", 1...2): return Self.visit(arguments.dropFirst().first ?? ".", mayWrite: false)
    case ("--write", 1...2): return Self.visit(arguments.dropFirst().first ?? ".", mayWrite: true)
    default:
      TextFile.complain(Self.usage)
      return 2
    }
    return 0
  }

  private static func visit(_ directory: String, mayWrite: Bool) -> Int32 {
    var status: Int32 = 0
    for path in [
      SettingsPage.path, SettingsPage.manualPath, SettingsPage.samplePath, SettingsPage.readmePath,
    ] {
      do throws(Errno) {
        status = max(status, try Self.visit(directory, path, mayWrite: mayWrite))
      } catch {
        TextFile.complain("\(directory)/\(path): \(error)")
        status = 1
      }
    }
    return status
  }

  private static func visit(_ directory: String, _ path: String, mayWrite: Bool) throws(Errno) -> Int32 {
    let place = "\(directory)/\(path)"
    let current: String?
    do throws(Errno) {
      current = try TextFile.read(place)
    } catch {
      guard error == .noSuchFile else { throw error }
      current = nil
    }
    guard let fresh = Self.fresh(path, current) else {
      TextFile.complain("\(place): has no settings:begin and settings:end markers")
      return 1
    }
    if fresh == current { return 0 }
    if mayWrite {
      try TextFile.write(fresh, to: place)
      print("\(place): written")
      return 0
    }
    TextFile.complain("\(place): stale; refresh it with \"claude-proxy settings-docs --write\"")
    return 1
  }

  private static func fresh(_ path: String, _ current: String?) -> String? {
    switch path {
    case SettingsPage.path: SettingsPage.markdown
    case SettingsPage.manualPath: SettingsPage.manual
    case SettingsPage.samplePath: SettingsPage.sample
    default: current.flatMap(SettingsPage.readme)
    }
  }
}
