import JSONValue

/// What happens to an object between the wire and the store: unknown fields, defaults, the rules
/// of built-in kinds, validation.
enum ObjectAdmission {
  /// Prunes and fills in defaults; the result is in the storage version. Returns warnings.
  static func decode(
    _ object: inout JSONValue, _ target: ResourceTarget, _ options: WriteOptions,
    patch: JSONValue?, fillsDefaults: Bool = true
  ) throws(APIStatusError) -> [String] {
    var unknown = ObjectMetadataRules.prune(&object)
    if target.definition.behaviour != .custom { object = withoutNulls(object) }
    if let schema = target.version.schema {
      unknown += SchemaPruning.prune(resource: &object, by: schema)
      if fillsDefaults {
        SchemaPruning.dropNulls(&object, by: schema)
        SchemaDefaulting.apply(schema, to: &object)
      }
    }
    object["apiVersion"] = .string(
      target.definition.apiVersion(
        fillsDefaults ? target.definition.storageVersion : target.version.name))
    let texts = unknown.map { "unknown field \"\($0)\"" }
    guard !texts.isEmpty else { return [] }
    switch options.fieldValidation {
    case .ignore: return []
    case .warn: return texts
    case .strict:
      let why = "strict decoding error: \(texts.joined(separator: ", "))"
      if let patch {
        throw .invalid(
          kind: "", group: "", name: "",
          [FieldError(.invalid, "patch", value: .string(patch.serializedText()), why)])
      }
      let kind = target.definition.kind
      throw .badRequest(
        "\(kind) in version \"\(target.version.name)\" cannot be handled as a \(kind): \(why)")
    }
  }

  private static func withoutNulls(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(members.filter { !$0.value.isNull }.mapValues(withoutNulls))
    case .array(let elements): .array(elements.map(withoutNulls))
    default: value
    }
  }

  /// What built-in kinds add to an object by themselves.
  static func complete(
    _ object: inout JSONValue, _ target: ResourceTarget, previous: JSONValue?, now: KubeTime
  ) throws(APIStatusError) {
    switch target.definition.behaviour {
    case .namespace:
      if previous == nil {
        object["spec"] = ["finalizers": ["kubernetes"]]
        object["status"] = ["phase": "Active"]
      } else if target.subresource != "finalize" {
        object["spec"] = previous?["spec"]
      }
      object.set(
        .string(object.metadataName), at: ["metadata", "labels", "kubernetes.io/metadata.name"])
    case .secret: try completeSecret(&object)
    case .customResourceDefinition:
      CustomResourceStatus.complete(&object, previous: previous, now: now)
    case .plain, .custom, .review: break
    }
  }

  private static func completeSecret(_ object: inout JSONValue) throws(APIStatusError) {
    var data = object["data"]?.objectValue ?? [:]
    for (name, value) in data {
      guard let text = value.stringValue, SchemaFormat.isBase64(text) else {
        throw .badRequest(
          "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input "
            + "byte 0 (data.\(name))")
      }
    }
    for (name, value) in object["stringData"]?.objectValue ?? [:] {
      data[name] = .string(Base64Text.encode(Array((value.stringValue ?? "").utf8)))
    }
    object["stringData"] = nil
    if !data.isEmpty { object["data"] = .object(data) }
    if object["type"]?.stringValue ?? "" == "" { object["type"] = "Opaque" }
  }

  static func errors(
    _ object: JSONValue, _ target: ResourceTarget, previous: JSONValue?
  ) -> [FieldError] {
    var errors = ObjectMetadataRules.errors(
      object, anyName: target.definition.allowsAnyName, previous: previous)
    if let schema = target.version.schema {
      errors += SchemaValidation.errors(of: object, by: schema)
    }
    switch target.definition.behaviour {
    case .customResourceDefinition:
      if case .failure(let problems) = CustomResourceReader.read(object) {
        errors += problems.errors
      }
    case .secret:
      if let previous, previous["type"] != object["type"] {
        errors.append(FieldError(.invalid, "type", value: object["type"], "field is immutable"))
      }
      for name in (object["data"]?.objectValue ?? [:]).keys.sorted()
      where !SchemaPattern.matches("^[-._a-zA-Z0-9]+$", name) {
        errors.append(
          FieldError(
            .invalid, "data[\(name)]", value: .string(name),
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
              + "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
              + "'[-._a-zA-Z0-9]+')"))
      }
    case .plain, .custom, .namespace, .review: break
    }
    return errors
  }
}
