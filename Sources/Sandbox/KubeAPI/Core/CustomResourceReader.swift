import JSONValue

/// Turns a CustomResourceDefinition into the resource that it defines.
enum CustomResourceReader {
  /// The resource, or what is wrong with the CRD.
  static func read(_ crd: JSONValue) -> Result<ResourceDefinition, DecodingProblems> {
    let errors = problems(of: crd)
    guard errors.isEmpty else { return .failure(DecodingProblems(errors)) }
    let spec = crd["spec"] ?? [:]
    let names = spec["names"] ?? [:]
    let group = spec["group"]?.stringValue ?? ""
    let kind = names["kind"]?.stringValue ?? ""
    let plural = names["plural"]?.stringValue ?? ""
    let versions = spec["versions"]?.arrayValue ?? []
    let served = versions.filter { $0["served"] == true }.map { version(of: $0, group, kind) }
    let storage = versions.first { $0["storage"] == true }
    return .success(
      ResourceDefinition(
        group: group, plural: plural,
        singular: names["singular"]?.stringValue ?? kind.lowercased(), kind: kind,
        listKind: names["listKind"]?.stringValue ?? "\(kind)List",
        shortNames: strings(names["shortNames"]), categories: strings(names["categories"]),
        isNamespaced: spec["scope"] == "Namespaced",
        versions: served.sorted { KubeVersionOrder.precedes($0.name, $1.name) },
        storageVersion: storage?["name"]?.stringValue ?? "", behaviour: .custom))
  }

  private static func strings(_ value: JSONValue?) -> [String] {
    value?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  private static func version(
    of version: JSONValue, _ group: String, _ kind: String
  ) -> ResourceDefinition.Version {
    let name = version["name"]?.stringValue ?? ""
    let own = (version["additionalPrinterColumns"]?.arrayValue ?? []).map { column in
      PrinterColumn(
        column["name"]?.stringValue ?? "", type: column["type"]?.stringValue ?? "string",
        format: column["format"]?.stringValue ?? "",
        detail: column["description"]?.stringValue
          ?? "Custom resource definition column (in JSONPath format): "
          + (column["jsonPath"]?.stringValue ?? ""),
        priority: column["priority"]?.integerValue ?? 0,
        cell: .path(
          (try? PrinterPath(parsing: column["jsonPath"]?.stringValue ?? "")) ?? .nothing))
    }
    var result = ResourceDefinition.Version(
      name: name,
      schema: version.value(at: "schema", "openAPIV3Schema").map(SchemaNode.init),
      columns: [.name] + (own.isEmpty ? [.age] : own),
      hasStatus: version.value(at: "subresources", "status") != nil)
    if version["deprecated"] == true {
      result.deprecationWarning =
        version["deprecationWarning"]?.stringValue ?? "\(group)/\(name) \(kind) is deprecated"
    }
    return result
  }

  private static func problems(of crd: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    let spec = crd["spec"] ?? [:]
    let group = spec["group"]?.stringValue ?? ""
    let plural = spec.value(at: "names", "plural")?.stringValue ?? ""
    if group.isEmpty { errors.append(FieldError(.required, "spec.group")) }
    if plural.isEmpty { errors.append(FieldError(.required, "spec.names.plural")) }
    if spec.value(at: "names", "kind")?.stringValue ?? "" == "" {
      errors.append(FieldError(.required, "spec.names.kind"))
    }
    if errors.isEmpty, crd.metadataName != "\(plural).\(group)" {
      errors.append(
        FieldError(
          .invalid, "metadata.name", value: .string(crd.metadataName),
          "must be spec.names.plural+\".\"+spec.group"))
    }
    switch spec["scope"]?.stringValue {
    case "Namespaced", "Cluster": break
    case nil, "": errors.append(FieldError(.required, "spec.scope"))
    case let scope?:
      errors.append(
        FieldError(
          .notSupported, "spec.scope", value: .string(scope),
          "supported values: \"Cluster\", \"Namespaced\""))
    }
    let versions = spec["versions"]?.arrayValue ?? []
    if versions.filter({ $0["storage"] == true }).count != 1 {
      errors.append(
        FieldError(
          .invalid, "spec.versions", value: .array(versions.compactMap { $0["name"] }),
          "must have exactly one version marked as storage version"))
    }
    for (position, version) in versions.enumerated() {
      let path = "spec.versions[\(position)]"
      guard let schema = version.value(at: "schema", "openAPIV3Schema") else {
        errors.append(
          FieldError(.required, "\(path).schema.openAPIV3Schema", "schemas are required"))
        continue
      }
      schemaProblems(schema, "\(path).schema.openAPIV3Schema", into: &errors)
      for (number, column) in (version["additionalPrinterColumns"]?.arrayValue ?? []).enumerated() {
        let text = column["jsonPath"]?.stringValue ?? ""
        if (try? PrinterPath(parsing: text)) == nil {
          errors.append(
            FieldError(
              .invalid, "\(path).additionalPrinterColumns[\(number)].jsonPath",
              value: .string(text), "must be a simple json path"))
        }
      }
    }
    return errors
  }

  /// The rules of structural schemas that people break most.
  private static func schemaProblems(
    _ schema: JSONValue, _ path: String, into errors: inout [FieldError]
  ) {
    let isFree =
      schema["x-kubernetes-int-or-string"] == true
      || schema["x-kubernetes-preserve-unknown-fields"] == true
    if schema["type"]?.stringValue == nil, !isFree {
      errors.append(
        FieldError(
          .required, "\(path).type", "must not be empty for specified object fields"))
    }
    if let pattern = schema["pattern"]?.stringValue, let why = SchemaPattern.problem(pattern) {
      errors.append(
        FieldError(
          .invalid, "\(path).pattern", value: .string(pattern),
          "must be a valid regular expression, but isn't: \(why)"))
    }
    for (name, property) in (schema["properties"]?.objectValue ?? [:]).sorted(by: {
      $0.key < $1.key
    }) {
      schemaProblems(property, "\(path).properties[\(name)]", into: &errors)
    }
    if let items = schema["items"] { schemaProblems(items, "\(path).items", into: &errors) }
    if let values = schema["additionalProperties"], values.objectValue != nil {
      schemaProblems(values, "\(path).additionalProperties", into: &errors)
    }
  }
}

/// Several field errors as one.
struct DecodingProblems: Error, Sendable {
  let errors: [FieldError]
  init(_ errors: [FieldError]) { self.errors = errors }
}
