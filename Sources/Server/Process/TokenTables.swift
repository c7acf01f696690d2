internal import Glibc
internal import Platform
package import Settings
package import Tokens

/// Finds the tables of the encodings and maps them.
package enum TokenTables {
  private static let installed = "/usr/share/claude-proxy"

  /// A table that cannot be used; whoever needs it counts characters.
  package struct Fault: Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "\(self.path): \(self.reason)" }
  }

  /// Those of the folder; without one, of the source tree the program was built in, or of the package.
  package static func load(_ directory: String?) -> (vocabularies: Vocabularies, faults: [Fault]) {
    let folder = directory ?? Self.sourceTree() ?? Self.installed
    var found: [Vocabulary] = []
    var faults: [Fault] = []
    for name in EncodingName.allCases {
      let path = "\(folder)/\(name.fileName)"
      do {
        let vocabulary = try Self.open(path)
        if vocabulary.name == name {
          found.append(vocabulary)
        } else {
          faults.append(Fault(path: path, reason: "it holds \(vocabulary.name.rawValue)"))
        }
      } catch {
        faults.append(Fault(path: path, reason: "\(error)"))
      }
    }
    return (Vocabularies(found), faults)
  }

  /// Those that counting by these settings needs.
  package static func load(
    for settings: TokenSettings
  ) -> (vocabularies: Vocabularies, faults: [Fault]) {
    switch settings.counter {
    case .chars: (Vocabularies(), [])
    case .tiktoken: self.load(settings.dataDirectory)
    }
  }

  package static func open(_ path: String) throws -> Vocabulary {
    let file = try MappedFile(path: path)
    return try Vocabulary(file.bytes, keeping: file)
  }

  /// `Data` beside the `.build` folder the program is in.
  private static func sourceTree() -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    let bytes = buffer.prefix(count).map { UInt8(bitPattern: $0) }
    let path = String(decoding: bytes, as: UTF8.self).split(separator: "/")
    guard let build = path.lastIndex(of: ".build") else { return nil }
    let folder = "/" + path[..<build].joined(separator: "/") + "/Data"
    return unsafe access(folder, R_OK) == 0 ? folder : nil
  }
}
