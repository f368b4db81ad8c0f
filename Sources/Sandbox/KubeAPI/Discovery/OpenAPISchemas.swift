import JSONValue

/// The named schemas of OpenAPI documents.
enum OpenAPISchemas {
  /// `io.crossplane.discord.channel.v1alpha1.Channel`: the group reversed, as for CRDs.
  static func name(_ definition: ResourceDefinition, _ version: String, list: Bool = false)
    -> String
  {
    let kind = list ? definition.listKind : definition.kind
    let group = definition.group.split(separator: ".").reversed().joined(separator: ".")
    return definition.group.isEmpty
      ? "io.k8s.api.core.\(version).\(kind)" : "\(group).\(version).\(kind)"
  }

  static func groupVersionKind(
    _ definition: ResourceDefinition, _ version: String, list: Bool = false
  ) -> JSONValue {
    [
      "group": .string(definition.group), "version": .string(version),
      "kind": .string(list ? definition.listKind : definition.kind),
    ]
  }

  static func add(
    _ definition: ResourceDefinition, _ version: ResourceDefinition.Version, reference: String,
    to schemas: inout [String: JSONValue]
  ) {
    let meta = reference + MetaSchemas.prefix
    var schema = version.schema?.raw ?? ["type": "object", "description": .string(definition.kind)]
    schema["type"] = "object"
    // Without any property, clients take what they are given: right for kinds that are only stored.
    if version.schema != nil || definition.behaviour == .custom {
      schema.set(text(apiVersionText), at: ["properties", "apiVersion"])
      schema.set(text(kindText), at: ["properties", "kind"])
      schema.set(
        [
          "description": "Standard object's metadata.",
          "allOf": [["$ref": .string(meta + "ObjectMeta")]],
        ], at: ["properties", "metadata"])
    }
    // Old clients would look for the fields of a kind that they find in version 2; not finding it,
    // they use what they know of the kind themselves.
    if version.schema != nil || !reference.hasPrefix("#/definitions") {
      schema["x-kubernetes-group-version-kind"] = [groupVersionKind(definition, version.name)]
    }
    let name = name(definition, version.name)
    schemas[name] = schema
    schemas[Self.name(definition, version.name, list: true)] = [
      "type": "object", "required": ["items"],
      "description": .string("\(definition.listKind) is a list of \(definition.kind)"),
      "properties": [
        "apiVersion": text(apiVersionText), "kind": text(kindText),
        "metadata": [
          "description": "Standard list metadata.",
          "allOf": [["$ref": .string(meta + "ListMeta")]],
        ],
        "items": ["type": "array", "items": ["$ref": .string(reference + name)]],
      ],
      "x-kubernetes-group-version-kind": [
        groupVersionKind(definition, version.name, list: true)
      ],
    ]
  }

  private static let apiVersionText =
    "APIVersion defines the versioned schema of this representation of an object."
  private static let kindText =
    "Kind is a string value representing the REST resource this object represents."

  private static func text(_ description: String) -> JSONValue {
    ["type": "string", "description": .string(description)]
  }

  /// What of a schema version 2 can say; the API server drops the rest in the same way
  /// (`apiextensions-apiserver/pkg/controller/openapi/v2`).
  static func version2(_ schema: JSONValue) -> JSONValue {
    guard case .object(var members) = schema else { return schema }
    if let only = members["allOf"]?[0]?["$ref"] {
      var reference: JSONValue = ["$ref": only]
      reference["description"] = members["description"]
      return reference
    }
    for keyword in [
      "allOf", "anyOf", "oneOf", "not", "nullable", "default", "x-kubernetes-validations",
    ] {
      members[keyword] = nil
    }
    if members["x-kubernetes-int-or-string"] == true { members["type"] = nil }
    if members["x-kubernetes-preserve-unknown-fields"] == true {
      // An old client would refuse the fields that it does not know.
      members["properties"] = nil
      members["type"] = nil
    }
    for keyword in ["items", "additionalProperties"] {
      if let child = members[keyword] { members[keyword] = version2(child) }
    }
    if let properties = members["properties"]?.objectValue {
      members["properties"] = .object(properties.mapValues(version2))
    }
    return .object(members)
  }
}
