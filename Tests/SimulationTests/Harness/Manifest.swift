import JSONValue

/// A managed resource as a user writes it.
struct Manifest: Sendable, CustomStringConvertible {
  /// `Guild`, `Channel` or `Role`.
  let kind: String
  let name: String
  var forProvider: JSONValue
  var annotations: [String: JSONValue] = [:]
  var providerConfig = "default"

  /// A guild that is adopted by its name.
  static func guild(_ name: String, _ fields: JSONValue = ["name": "Sandbox Guild"]) -> Manifest {
    Manifest(kind: "Guild", name: name, forProvider: fields)
  }

  /// A channel of a guild's object.
  static func channel(_ name: String, in guild: String, _ fields: JSONValue) -> Manifest {
    var fields = fields
    fields["guildIdRef"] = ["name": .string(guild)]
    return Manifest(kind: "Channel", name: name, forProvider: fields)
  }

  /// A role of a guild's object.
  static func role(_ name: String, in guild: String, _ fields: JSONValue) -> Manifest {
    var fields = fields
    fields["guildIdRef"] = ["name": .string(guild)]
    return Manifest(kind: "Role", name: name, forProvider: fields)
  }

  /// The namespace of every object of the simulations.
  static let namespace = "crossplane-system"

  /// Where objects of a kind are.
  static func collection(_ kind: String) -> String {
    let singular = kind.lowercased()
    return "/apis/\(singular).discord.crossplane.io/v1alpha1/namespaces/\(namespace)/\(singular)s"
  }

  var path: String { Self.collection(kind) + "/" + name }

  var description: String { "\(kind) \(name)" }

  var body: JSONValue {
    [
      "apiVersion": .string("\(kind.lowercased()).discord.crossplane.io/v1alpha1"),
      "kind": .string(kind),
      "metadata": ["name": .string(name), "annotations": .object(annotations)],
      "spec": [
        "forProvider": forProvider, "providerConfigRef": ["name": .string(providerConfig)],
      ],
    ]
  }
}
