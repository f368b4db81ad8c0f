import DiscordAPI
package import JSONValue
import Synchronization

/// Probes on behalf of runbooks from where the provider stands: `POST /debug/probe`. Whoever reaches
/// the port can ask, so it touches Discord's hosts and the API server's name, and nothing else.
package final class ProbeDoor: Sendable {
  private let connections: Connections
  private let now: @Sendable () -> Duration
  private let state = Mutex(State())

  private struct State {
    var running = 0
    var lastBreaker: Duration?
  }

  /// What may be touched besides the addresses of the ProviderConfigs.
  private static let known: [(host: String, port: Int)] = [
    ("discord.com", 443), ("kubernetes.default.svc", 443), ("kubernetes.default", 443),
  ]
  private static let mostAtOnce = 4
  /// Between two probes of breakers, or whoever asks often enough would undo their cool-down.
  private static let breakerPause = Duration.seconds(10)

  /// - Parameter now: a time that never goes back.
  package init(connections: Connections, now: @escaping @Sendable () -> Duration) {
    self.connections = connections
    self.now = now
  }

  /// Answers a request's body with a status and a body.
  package func answer(_ bytes: [UInt8]) async -> (status: Int, body: JSONValue) {
    guard let request = try? JSONValue(parsing: bytes), let kind = request["kind"]?.stringValue
    else { return (400, ["error": "a probe is JSON with kind: dns, tcp, tls, http or breaker"]) }
    let isFull = state.withLock { state in
      if state.running >= Self.mostAtOnce { return true }
      state.running += 1
      return false
    }
    guard !isFull else { return (429, ["error": "too many probes at once"]) }
    defer { state.withLock { $0.running -= 1 } }
    if kind == "breaker" { return await breaker(request) }
    guard let target = NetworkProbe.Target(kind: kind, request) else {
      return (400, ["error": .string("\(kind) needs a host, and a port or a URL")])
    }
    guard isAllowed(target) else {
      return (403, ["error": "only the addresses of Discord's API are probed"])
    }
    let seconds = max(0.1, min(4, request["timeout"]?.doubleValue ?? 3))
    let sight = await NetworkProbe.look(
      at: target, timeout: .milliseconds(Int64(seconds * 1000)))
    return (200, sight)
  }

  private func isAllowed(_ target: NetworkProbe.Target) -> Bool {
    let allowed =
      connections.addresses().compactMap { url in
        NetworkProbe.host(of: url).map { ($0, NetworkProbe.port(of: url)) }
      } + Self.known
    return allowed.contains { host, port in
      host == target.host.lowercased() && (target.port == nil || target.port == port)
    }
  }

  /// Sends one request through breakers of a resource type that wait for their time.
  private func breaker(_ request: JSONValue) async -> (status: Int, body: JSONValue) {
    guard let type = request["resource_type"]?.stringValue else {
      return (400, ["error": "breaker needs a resource_type: guild, channel or role"])
    }
    let now = now()
    let isTooSoon = state.withLock { state in
      if let last = state.lastBreaker, now - last < Self.breakerPause { return true }
      state.lastBreaker = now
      return false
    }
    guard !isTooSoon else { return (429, ["error": "breakers were probed less than 10 s ago"]) }
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
