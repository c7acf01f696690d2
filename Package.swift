// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  // Overlapping access is looked for in every debug and sanitizer build, which run all tests of the daemon; in the
  // product the looking costs a tenth of a request.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Tests may import Foundation and spell unsafe things plainly; the daemon may not.
let relaxed: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: [], swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
    swiftSettings: relaxed)
}

/// What `Tests/Fuzz/run` builds; the sanitizer brings the main function.
func fuzzer(_ name: String, of dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: "fuzz-\(name)", dependencies: dependencies,
    swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
}

let tools: [Target] =
  Context.environment["DEV_TARGETS"] == "1"
  ? [
    fuzzer("http", of: ["Wire"]),
    fuzzer("inflate", of: ["Inflate"]),
    fuzzer("json", of: ["Wire"]),
    fuzzer("sse", of: ["Wire"]),
    fuzzer("translate", of: ["Wire", "Dialogue"]),
    fuzzer("tokens", of: ["Tokens", "Platform", "Wire"]),
    .executableTarget(
      name: "bench-tokens", dependencies: ["Tokens", "Platform", "Wire"], swiftSettings: strict),
    .executableTarget(name: "bench-engine", dependencies: ["Wire", "Dialogue"], swiftSettings: strict),
  ] : []

let package = Package(
  name: "claude-proxy",
  products: [.executable(name: "claude-proxy", targets: ["claude-proxy"])],
  targets: [
    .systemLibrary(name: "CPlatform"),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    target("Wire"),
    target("Dialogue", ["Wire"]),
    target("Settings", ["Wire", "Dialogue"]),
    target("Pool", ["Settings"]),
    target("Demo", ["Wire"]),
    target("Tokens", ["Wire"]),
    target("Gateway", ["Wire", "Dialogue", "Settings", "Tokens"]),
    target("Platform", ["CPlatform"]),
    target("Systemd", ["CSystemd", "Platform"]),
    target("Inflate", ["CZlib", "CZstd"]),
    target("Upstream", ["CCurl", "Platform", "Wire"]),
    target(
      "Server",
      [
        "Wire", "Settings", "Dialogue", "Tokens", "Pool", "Demo", "Gateway", "Platform", "Systemd", "Inflate",
        "Upstream",
      ]),
    .executableTarget(
      name: "claude-proxy",
      dependencies: ["Server", "Settings", "Gateway", "Tokens", "Platform", "Upstream", "Dialogue", "Wire"],
      swiftSettings: strict),

    tests(of: "Wire", exclude: ["Fixtures"]),
    tests(of: "Dialogue", ["Wire"]),
    tests(of: "Settings", ["Dialogue", "Wire"]),
    tests(of: "Pool"),
    tests(of: "Demo", ["Wire"], exclude: ["Goldens"]),
    tests(of: "Tokens", ["Platform", "Wire"]),
    tests(of: "Gateway", ["Dialogue", "Settings", "Tokens", "Wire"]),
    tests(of: "Platform"),
    .executableTarget(
      name: "systemd-probe", dependencies: ["Systemd"], path: "Tests/SystemdProbe", swiftSettings: relaxed),
    tests(of: "Systemd", ["Platform", "systemd-probe"]),
    tests(of: "Server", ["Gateway", "Platform", "Pool", "Settings", "Systemd", "Tokens", "Wire"]),
    tests(of: "Inflate"),
    tests(of: "Upstream", ["Platform", "Wire"]),
  ] + tools
)
