internal import Wire

/// What is asked of a request's body before anybody upstream sees it.
package enum BodyCheck {
  /// nil: it is one JSON object. The bytes themselves go out as they came.
  package static func fault(in body: [UInt8]) -> ErrorReply? {
    do throws(JSONError) {
      let document = try JSONDocument(body)
      guard document.root.kind == .object else {
        return ErrorReply(status: 400, message: "The body is JSON, but not an object.", code: "invalid_json")
      }
      return nil
    } catch {
      return ErrorReply(status: 400, message: "The body is no valid JSON: \(error).", code: "invalid_json")
    }
  }
}
