extension Resolution {
  /// Wishes that can never come true are said at the start, not found out later.
  mutating func settleHeaders() {
    if let origin = self.origins["UPSTREAM_EXTRA_HEADERS_JSON"],
      self.settings.headers.extra.contains(where: { $0.name.lowercased() == "authorization" })
    {
      self.warn(
        origin.place, origin.name, "\"authorization\" has no effect here; its key is UPSTREAM_API_KEY")
      self.settings.headers.extra.removeAll { $0.name.lowercased() == "authorization" }
    }
    if self.settings.plan.openAI == nil, let origin = self.origins["CUSTOM_HEADER_*"] {
      self.warn(origin.place, origin.name, "unused: there is no OpenAI-speaking upstream")
    }
  }

  mutating func settleBudget() {
    let budget = self.settings.budget
    if let low = budget.lowerBound, let high = budget.upperBound, low > high,
      let origin = self.origins["MIN_TOKENS_LIMIT"]
    {
      self.warn(origin.place, origin.name, "above MAX_TOKENS_LIMIT, which counts: \(high)")
    }
    if budget.isDynamic, budget.windows.isEmpty, let origin = self.origins["MAX_TOKENS_DYNAMIC"] {
      self.warn(
        origin.place, origin.name, "has no effect until MODEL_CONTEXT_LIMITS_JSON names a model's window")
    }
  }
}
