package import Engine
package import JSONValue

/// `provider.*`: what the running provider says of itself.
package struct ProviderSource: EffectSource {
  private let endpoint: ProviderEndpoint
  private let time: TimeSource

  package init(endpoint: ProviderEndpoint, time: TimeSource) {
    self.endpoint = endpoint
    self.time = time
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    switch name {
    case "provider.state": return SourceAnswer(try await state())
    case "provider.health": return SourceAnswer(try await health())
    default: throw SourceFailure(.refused, "there is no \(name)")
    }
  }

  private func state() async throws(SourceFailure) -> JSONValue {
    let (status, body) = try await endpoint.send("GET", "/debug/state")
    guard status == 200, let state = try? JSONValue(parsing: body) else {
      throw SourceFailure(
        status == 404 ? .notfound : .error, "/debug/state answered \(status)")
    }
    return state
  }

  private func health() async throws(SourceFailure) -> JSONValue {
    let began = time.uptime()
    let live = try await endpoint.send("GET", "/healthz")
    let ready = try await endpoint.send("GET", "/readyz?verbose")
    var checks: [JSONValue] = []
    for line in String(decoding: ready.body, as: UTF8.self).split(whereSeparator: \.isNewline) {
      // "[+]NAME ok", "[-]NAME failed: WHY"
      let isOK = line.hasPrefix("[+]")
      guard isOK || line.hasPrefix("[-]") else { continue }
      let rest = line.dropFirst(3)
      let parts = isOK ? rest.components(before: " ok") : rest.components(before: " failed: ")
      var check: JSONValue = ["name": .string(parts.0), "ok": .bool(isOK)]
      check["message"] = parts.1.map { .string($0) }
      checks.append(check)
    }
    return [
      "live": .bool(live.status == 200), "ready": .bool(ready.status == 200),
      "checks": .array(checks), "via": .string(endpoint.way.word),
      "ms": .integer((time.uptime() - began).wholeMilliseconds),
    ]
  }
}

extension Substring {
  /// What stands before a separator, and what after it.
  fileprivate func components(before separator: String) -> (String, String?) {
    guard let range = firstRange(of: separator) else { return (String(self), nil) }
    let rest = self[range.upperBound...]
    return (String(self[..<range.lowerBound]), rest.isEmpty ? nil : String(rest))
  }
}
