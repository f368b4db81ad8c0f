import Engine
package import JSONValue

/// `net.*`: from here, or from inside the provider. Only hosts that have to do with the provider can
/// be reached: a script must not become a port scanner, nor carry data out in names.
package struct ProbeSource: EffectSource {
  private let endpoint: ProviderEndpoint
  private let hosts: Set<String>

  /// - Parameter hosts: in lower case; names below them count too.
  package init(endpoint: ProviderEndpoint, hosts: Set<String>) {
    self.endpoint = endpoint
    self.hosts = hosts
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    let kind = String(name.dropFirst("net.".count))
    guard let target = NetworkProbe.Target(kind: kind, effect) else {
      throw SourceFailure(.refused, "\(name) needs a host, and a port or a URL")
    }
    guard hosts.contains(target.host.lowercased()) else {
      throw SourceFailure(
        .refused,
        "\(target.host) has nothing to do with the provider; probeHosts in the values "
          + "file allows further hosts")
    }
    let seconds = max(0.1, min(4, effect["timeout"]?.doubleValue ?? 3))
    guard effect["from"]?.stringValue == "provider" else {
      return SourceAnswer(
        await NetworkProbe.look(
          at: target, timeout: .milliseconds(Int64(seconds * 1000)),
          keepsBody: effect["body"]?.boolValue == true))
    }
    var request = effect
    request["effect"] = nil
    request["from"] = nil
    request["kind"] = .string(kind)
    request["timeout"] = .double(seconds)
    let (status, body) = try await endpoint.send(
      "POST", "/debug/probe", body: request.serialized())
    let answer = (try? JSONValue(parsing: body)) ?? .null
    switch status {
    case 200: return SourceAnswer(answer)
    case 403: throw SourceFailure(.refused, "the provider does not probe \(target.host)")
    case 404, 405: throw SourceFailure(.notfound, "this provider has no /debug/probe")
    default:
      throw SourceFailure(
        .error, answer["error"]?.stringValue ?? "/debug/probe answered \(status)")
    }
  }
}
