import DiscordAPI
package import JSONValue
import Synchronization

/// Probes on behalf of runbooks from where the provider stands: `POST /debug/probe`. Whoever reaches
/// the port can ask, so it touches Discord's hosts and the API server's name, and nothing else.
package final class ProbeDoor: Sendable {
  private let connections: Connections
  private let running = Mutex(0)

  /// Names that may be touched besides those of the ProviderConfigs.
  private static let known: Set<String> = [
    "discord.com", "kubernetes.default.svc", "kubernetes.default",
  ]
  private static let mostAtOnce = 4

  package init(connections: Connections) {
    self.connections = connections
  }

  /// Answers a request's body with a status and a body.
  package func answer(_ bytes: [UInt8]) async -> (status: Int, body: JSONValue) {
    guard let request = try? JSONValue(parsing: bytes), let kind = request["kind"]?.stringValue
    else { return (400, ["error": "a probe is JSON with kind: dns, tcp, tls, http or breaker"]) }
    let isFull = running.withLock { running in
      if running >= Self.mostAtOnce { return true }
      running += 1
      return false
    }
    guard !isFull else { return (429, ["error": "too many probes at once"]) }
    defer { running.withLock { $0 -= 1 } }
    if kind == "breaker" { return await breaker(request) }
    guard let target = NetworkProbe.Target(kind: kind, request) else {
      return (400, ["error": .string("\(kind) needs a host, and a port or a URL")])
    }
    let hosts = Set(connections.addresses().compactMap(NetworkProbe.host)).union(Self.known)
    guard hosts.contains(target.host.lowercased()) else {
      return (403, ["error": "only the hosts of Discord's API are probed"])
    }
    let seconds = max(0.1, min(4, request["timeout"]?.doubleValue ?? 3))
    let sight = await NetworkProbe.look(
      at: target, timeout: .milliseconds(Int64(seconds * 1000)))
    return (200, sight)
  }

  /// Sends one request through breakers of a resource type that wait for their time.
  private func breaker(_ request: JSONValue) async -> (status: Int, body: JSONValue) {
    guard let type = request["resource_type"]?.stringValue else {
      return (400, ["error": "breaker needs a resource_type: guild, channel or role"])
    }
    var probes: [JSONValue] = []
    for connection in connections.all() {
      let client = connection.client
      guard client.endCoolDown(of: type) else { continue }
      var result: JSONValue = ["ok": true]
      do {
        _ = try await client.send(
          DiscordRequest(
            method: "GET", path: "/users/@me", priority: .poll, resourceType: type,
            operation: "probe"))
      } catch {
        result = ["ok": false, "error": .string("\(error)")]
      }
      let phase = client.snapshot().breakers.first { $0.resourceType == type }?.phase
      result["state"] = .string((phase ?? .closed).rawValue)
      probes.append(result)
    }
    guard !probes.isEmpty else {
      return (409, ["error": .string("no breaker of \(type) is open")])
    }
    return (200, ["ok": .bool(probes.allSatisfy { $0["ok"] == true }), "probes": .array(probes)])
  }
}
