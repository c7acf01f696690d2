/// One validated configuration: what every other part of the daemon reads, and never the files or the environment.
package struct Settings: Sendable, Equatable {
  package var listening = Listening()
  package var proxies = ProxySettings()
  package var workers = WorkerSettings()
  package var limits = Limits()
  package var waits = Waits()
  package var upstream = UpstreamSettings()
  package var headers = HeaderSettings()
  package var clients = ClientSettings()
  package var crossOrigin = CrossOriginSettings.byKeys
  package var models = ModelSettings()
  package var budget = BudgetSettings()
  package var tokens = TokenSettings()
  package var translation = TranslationChoices()
  package var resilience = Resilience()
  package var logLevel = LogLevel.info
  package var accessLog = AccessLogSettings()
  /// Lets a request ask the daemon itself to misbehave, for tests of its supervision.
  package var allowsDebugFaults = false

  /// Who answers, worked out from `upstream` once, when the configuration is accepted.
  package var plan = UpstreamPlan()

  package init() {}
}
