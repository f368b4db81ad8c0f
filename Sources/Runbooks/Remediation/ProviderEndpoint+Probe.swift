package import JSONValue

extension ProviderEndpoint {
  /// Asks the provider for a probe, such as one request through an open breaker.
  ///
  /// - Throws: when it can't be reached, or what it asked for failed.
  package func probe(_ body: JSONValue) async throws {
    let (status, answer) = try await send("POST", "/debug/probe", body: body.serialized())
    let text = String(decoding: answer.prefix(300), as: UTF8.self)
    guard (200..<300).contains(status) else {
      throw RemediationError("the provider answered the probe with \(status): \(text)")
    }
    if let value = try? JSONValue(parsing: answer), value["ok"]?.boolValue == false {
      throw RemediationError("the probe failed: \(text)")
    }
  }
}
