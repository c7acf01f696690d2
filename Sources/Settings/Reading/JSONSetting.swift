internal import Dialogue
internal import Wire

/// Reads settings whose value is JSON, and says line and column of what is wrong in them.
enum JSONSetting {
  typealias Outcome<Value> = Result<Value, SettingKind.Expectation>

  /// `{"model": 200000}`.
  static func windows(_ text: String) -> Outcome<[BudgetSettings.Window]> {
    Self.members(text) { member in
      let digits = member.value.string?.trimmingBlanks() ?? member.value.rawText
      guard !member.name.isEmpty, let tokens = Int(digits), tokens > 0 else { return nil }
      return BudgetSettings.Window(model: member.name, tokens: tokens)
    } expecting: {
      "a positive number of tokens"
    }
  }

  /// `{"name": "value"}`; an empty text or null takes a field away.
  static func headers(_ text: String) -> Outcome<[HeaderSetting]> {
    Self.members(text) { member in
      let value = member.value.string ?? (member.value.isNull ? "" : member.value.rawText)
      guard HeaderSetting.mayBeSet(member.name), HeaderSetting.isValue(value) else { return nil }
      return HeaderSetting(name: member.name, value: value.isEmpty ? nil : Secret(value))
    } expecting: {
      "a header field that may be set, with a value in one line"
    }
  }

  /// Single capabilities, judged by the table of profiles; kept as text.
  static func flags(_ text: String, _ dialect: Dialect) -> Outcome<String?> {
    Self.object(text).flatMap { root in
      do throws(Refusal) {
        _ = try ProfileTable.standard(for: dialect).overridden(by: root)
        return .success(text)
      } catch {
        let path = error.param.map { $0.isEmpty ? "" : " (\($0))" } ?? ""
        return .failure(.init(text: "known capabilities with values of theirs\(path): \(error.message)"))
      }
    }
  }

  private static func members<Value>(
    _ text: String, _ read: (JSONMember) -> Value?, expecting words: () -> String
  ) -> Outcome<[Value]> {
    Self.object(text).flatMap { root in
      var values: [Value] = []
      for member in root.members {
        guard let value = read(member) else {
          let (line, column) = Self.place(of: member.value.slice.offset, in: text)
          return .failure(
            .init(text: "\(words()) for \"\(member.name)\" at line \(line), column \(column) of the JSON"))
        }
        values.append(value)
      }
      return .success(values)
    }
  }

  private static func object(_ text: String) -> Outcome<JSONValue> {
    do throws(JSONError) {
      let root = try JSONDocument(text).root
      guard root.kind == .object else {
        return .failure(.init(text: "a JSON object, not \(root.kind.words)"))
      }
      return .success(root)
    } catch {
      return .failure(.init(text: "a JSON object; \(error)"))
    }
  }

  private static func place(of offset: Int, in text: String) -> (line: Int, column: Int) {
    let before = text.utf8.prefix(offset)
    let line = before.count { $0 == 0x0A } + 1
    let lastLine = before.lastIndex(of: 0x0A).map { before[$0...].dropFirst() } ?? before
    return (line, lastLine.count { $0 & 0xC0 != 0x80 } + 1)
  }
}
