import JSONValue

/// Manifests as a user would write them, in one namespace and with one ProviderConfig.
struct Manifests: Sendable {
  let namespace: String
  let providerConfig: String
  /// The guild's name in Discord.
  let guildName: String

  func secret(token: String, name: String = "discord-credentials") -> JSONValue {
    OutputRecord.note(token: token)
    return [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "stringData": ["token": .string(token)],
    ]
  }

  func config(baseURL: String, secret: String = "discord-credentials") -> JSONValue {
    [
      "apiVersion": "discord.crossplane.io/v1alpha1", "kind": "ProviderConfig",
      "metadata": ["name": .string(providerConfig)],
      "spec": [
        "baseURL": .string(baseURL),
        "credentials": [
          "source": "Secret",
          "secretRef": [
            "namespace": .string(namespace), "name": .string(secret), "key": "token",
          ],
        ],
      ],
    ]
  }

  /// A guild that exists in Discord, adopted by its ID or, without one, by its name.
  func guild(
    _ name: String, id: String? = nil, _ fields: [String: JSONValue] = [:]
  ) -> JSONValue {
    let named = fields.merging(["name": .string(guildName)]) { own, _ in own }
    return managed("guild", "Guild", name, named, externalName: id)
  }

  /// A channel of the guild resource `guild`.
  func channel(_ name: String, in guild: String, _ fields: [String: JSONValue]) -> JSONValue {
    managed("channel", "Channel", name, fields.merging(reference(guild)) { own, _ in own })
  }

  /// A role of the guild resource `guild`.
  func role(_ name: String, in guild: String, _ fields: [String: JSONValue]) -> JSONValue {
    managed("role", "Role", name, fields.merging(reference(guild)) { own, _ in own })
  }

  private func reference(_ guild: String) -> [String: JSONValue] {
    ["guildIdRef": ["name": .string(guild)]]
  }

  func managed(
    _ group: String, _ kind: String, _ name: String, _ fields: [String: JSONValue],
    externalName: String? = nil
  ) -> JSONValue {
    var object: JSONValue = [
      "apiVersion": .string("\(group).discord.crossplane.io/v1alpha1"), "kind": .string(kind),
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "spec": [
        "forProvider": .object(fields),
        "providerConfigRef": ["name": .string(providerConfig)],
      ],
    ]
    if let externalName {
      object.set(
        .string(externalName), at: ["metadata", "annotations", "crossplane.io/external-name"])
    }
    return object
  }
}
