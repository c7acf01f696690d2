import Foundation
import Testing

@testable import Settings

/// The printed copies of the table are those the table prints; `UPDATE_DOCS=1` rewrites them.
@Suite struct SettingsPageTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test(
    "a printed copy is fresh",
    arguments: [(SettingsPage.path, SettingsPage.markdown), (SettingsPage.samplePath, SettingsPage.sample)])
  func fresh(path: String, text: String) throws {
    let place = Self.root.appendingPathComponent(path)
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
      try Data(text.utf8).write(to: place)
    }
    #expect(try String(contentsOf: place, encoding: .utf8) == text, "stale; run the tests with UPDATE_DOCS=1")
  }

  @Test("the README's table is fresh where the README has one")
  func readme() throws {
    let place = Self.root.appendingPathComponent(SettingsPage.readmePath)
    guard let text = try? String(contentsOf: place, encoding: .utf8), let fresh = SettingsPage.readme(text)
    else {
      return
    }
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" { try Data(fresh.utf8).write(to: place) }
    #expect(
      try String(contentsOf: place, encoding: .utf8) == fresh, "stale; run the tests with UPDATE_DOCS=1")
  }

  @Test("a table goes between the markers and nowhere else")
  func markers() throws {
    let text = "a\n<!-- settings:begin -->\nold\n<!-- settings:end -->\nb\n"
    let fresh = try #require(SettingsPage.readme(text))
    #expect(fresh.hasPrefix("a\n<!-- settings:begin -->\n| Setting |"))
    #expect(fresh.hasSuffix("|\n<!-- settings:end -->\nb\n"))
    #expect(!fresh.contains("\nold\n"))
    #expect(SettingsPage.readme(fresh) == fresh)
    #expect(SettingsPage.readme("no markers") == nil)
    #expect(SettingsPage.readme("<!-- settings:end --><!-- settings:begin -->") == nil)
  }

  @Test("the sample file is a good configuration, and so is every line of it uncommented")
  func sample() throws {
    let settings = try Configuration(SettingsPage.sample).settings()
    #expect(settings.workers.gracefulTimeoutSeconds == 60)
    #expect(settings.workers.keepAliveSeconds == 75)
    let uncommented = SettingsPage.sample.split(separator: "\n").map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
    }.joined(separator: "\n")
    let configuration = Configuration(uncommented)
    #expect(try configuration.settings().listening == Settings().listening)
    #expect(configuration.remarks.isEmpty)
    for row in SettingTable.rows {
      #expect(uncommented.contains(row.familyPrefix.map { "\n\($0)" } ?? "\n\(row.name)="))
    }
  }
}
