import JSONValue
import Sandbox

/// What a user does with kubectl.
extension Simulation {
  /// An answer of the API server that is no success.
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  @discardableResult
  func request(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> JSONValue {
    let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
    let request = KubeRequest(
      method: method, path: path, contentType: type, userAgent: "user",
      body: body?.serialized() ?? [])
    guard case .reply(let reply) = kubernetes.respond(to: request) else {
      throw Refused(description: "\(method) \(path): a watch")
    }
    guard (200..<300).contains(reply.status) else {
      throw Refused(
        description: "\(method) \(path): \(String(decoding: reply.body, as: UTF8.self))")
    }
    return try JSONValue(parsing: reply.body)
  }

  func create(_ manifests: [Manifest]) throws {
    for manifest in manifests {
      try request("POST", Manifest.collection(manifest.kind), manifest.body)
    }
  }

  /// Changes fields of `spec.forProvider`.
  func edit(_ manifest: Manifest, _ fields: JSONValue) throws {
    try request("PATCH", manifest.path, ["spec": ["forProvider": fields]])
  }

  func delete(_ manifest: Manifest) throws { try request("DELETE", manifest.path) }

  func resource(_ manifest: Manifest) throws -> Resource? {
    Resource(try request("GET", manifest.path))
  }

  /// All managed resources.
  func resources() throws -> [Resource] {
    try ["Guild", "Role", "Channel"].flatMap { kind in
      try request("GET", Manifest.collection(kind))["items"]?.arrayValue ?? []
    }.compactMap { item in
      Resource(item)
    }
  }

  /// Lets time pass.
  func pass(_ duration: Duration) async {
    _ = await clock.sleep(until: clock.now + duration)
  }

  /// Lets time pass until something is so; false when it is not by then.
  func until(
    within limit: Duration, every step: Duration = .milliseconds(250),
    _ condition: () throws -> Bool
  ) async rethrows -> Bool {
    let end = clock.now + limit
    while try !condition() {
      guard clock.now < end else { return false }
      await pass(step)
    }
    return true
  }

  /// Waits until every resource is Ready, or stopped in the documented way, or waits for one that is.
  func settled(within limit: Duration) async throws -> Bool {
    try await until(within: limit, every: .seconds(1)) {
      let resources = try resources()
      let stopped = resources.filter(\.isStopped).map(\.name)
      return resources.allSatisfy { $0.isReady || $0.isStopped || $0.waits(for: stopped) }
    }
  }

  /// A Secret and a ProviderConfig: those that resources use unless they name another.
  func addCredentials(
    config: String = "default", token: String = DiscordWorld.sandboxToken
  ) throws {
    let secret = config == "default" ? "discord-credentials" : "discord-credentials-\(config)"
    try request(
      "POST", "/api/v1/namespaces/crossplane-system/secrets",
      [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(secret)],
        "stringData": ["token": .string(token)],
      ])
    try request(
      "POST", "/apis/discord.crossplane.io/v1alpha1/providerconfigs",
      [
        "apiVersion": "discord.crossplane.io/v1alpha1", "kind": "ProviderConfig",
        "metadata": ["name": .string(config)],
        "spec": [
          "credentials": [
            "source": "Secret",
            "secretRef": [
              "namespace": "crossplane-system", "name": .string(secret), "key": "token",
            ],
          ]
        ],
      ])
  }

  /// Gives the bot other permissions in the sandbox's guild.
  func demoteBot(to permissions: PermissionBits) {
    discord.with { discord in
      _ = discord.world.guilds[DiscordWorld.sandboxGuildID]?.setBotRole(
        of: DiscordWorld.sandboxBotID, permissions: permissions, position: nil)
    }
  }
}
