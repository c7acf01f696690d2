/// The variables that name upstreams, as given; `Settings.plan` is what follows from them.
package struct UpstreamSettings: Sendable, Equatable {
  package static let placeholderKey = "cr_set_upstream_api_key"

  package var usesDemo = false
  package var anthropicURL: UpstreamURL?
  package var anthropicKey: Secret?
  package var openAIKey: Secret?
  package var openAIBaseURL: UpstreamURL?
  package var backendURL: UpstreamURL?
  /// Makes the OpenAI-speaking upstream one of Azure's.
  package var azureVersion: String?
  package var openAIWire = OpenAIWire.chat
  /// A certificate authority trusted beside the system's.
  package var caFile: String?
  package var usesHTTP2 = false
  package var proxy = OutboundProxy.environment
  /// Counts where neither `proxy` nor the environment says anything, and somebody listens there.
  package var lastResortProxy: UpstreamURL?
}

/// In which of OpenAI's protocols the OpenAI-speaking upstream is spoken to.
package enum OpenAIWire: String, Sendable, Equatable, CaseIterable {
  case chat
}

/// How the daemon leaves the machine.
package enum OutboundProxy: Sendable, Equatable {
  /// `HTTPS_PROXY`, `http_proxy`, `NO_PROXY` of the process, as libcurl reads them.
  case environment
  case direct
  case through(UpstreamURL)
}
