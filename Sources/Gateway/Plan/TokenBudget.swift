package import Settings

/// How many tokens an answer may have, for chat clients of an upstream that speaks Messages.
package struct TokenBudget: Sendable {
  /// What is left where the prompt fills the whole window.
  private static let leastGrant = 256
  private static let usualHardLimit = 8192

  private let budget: BudgetSettings
  private let models: ModelSettings

  package init(_ budget: BudgetSettings, _ models: ModelSettings) {
    self.budget = budget
    self.models = models
  }

  /// For clients that ask for nothing.
  package var standard: Int { self.budget.standard }

  /// The most any client gets; nil: that depends on the length of its prompt.
  package func ceiling(model: String) -> Int? {
    if self.budget.isDynamic, self.window(of: model) != nil { return nil }
    return self.budget.hardLimit > 0 ? self.budget.hardLimit : Self.usualHardLimit
  }

  /// The most a client with such a prompt gets.
  package func ceiling(model: String, promptTokens: Int) -> Int {
    let hardLimit = self.budget.hardLimit
    guard self.budget.isDynamic, let window = self.window(of: model) else {
      return hardLimit > 0 ? hardLimit : Self.usualHardLimit
    }
    // Each is bounded by its setting or by the body's length, so nothing overflows.
    let left = window - max(1, min(promptTokens, 1 << 40)) - max(0, self.budget.safetyMargin)
    let most = left > 0 ? left : Self.leastGrant
    return hardLimit > 0 ? min(most, hardLimit) : most
  }

  private func window(of model: String) -> Int? {
    self.budget.window(of: model) ?? self.models.target(of: model).flatMap(self.budget.window)
  }

  /// What a client of the OpenAI-speaking upstream gets; nil = what it asked for.
  package func bounded(_ asked: Int) -> Int? {
    let raised = max(asked, self.budget.lowerBound ?? asked)
    let granted = min(raised, self.budget.upperBound ?? raised)
    return granted == asked ? nil : granted
  }
}
