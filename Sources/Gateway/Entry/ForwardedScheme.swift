package import Wire

/// How a client came to the proxy in front, as far as that proxy says so: gunicorn's `secure_scheme_headers`.
package enum ForwardedScheme: Sendable, Equatable {
  case plain
  case secure
  /// Two fields say different things: one of them is the client's own, or a proxy is not set up.
  case disagreeing

  /// `isTrusted` is asked only if there is something to believe.
  package init(_ fields: HeaderFields, isTrusted: () -> Bool) {
    var said: ForwardedScheme?
    for index in fields.indices {
      guard let isSecure = Self.isSecure(fields.name(at: index), fields, index) else { continue }
      let scheme: ForwardedScheme = isSecure ? .secure : .plain
      said = said == nil || said == scheme ? scheme : .disagreeing
    }
    guard let said, isTrusted() else {
      self = .plain
      return
    }
    self = said
  }

  /// nil: a field of another kind. What stands for TLS is not the same in all three.
  private static func isSecure(_ name: Span<UInt8>, _ fields: HeaderFields, _ index: Int) -> Bool? {
    switch name.count {
    case 15 where name.isLike("x-forwarded-ssl"): fields.value(at: index).isLike("on")
    case 17 where name.isLike("x-forwarded-proto"): fields.value(at: index).isLike("https")
    case 20 where name.isLike("x-forwarded-protocol"): fields.value(at: index).isLike("ssl")
    default: nil
    }
  }
}
