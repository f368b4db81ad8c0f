package import JSONValue

/// One level of an OpenAPI v3 structural schema, as CRDs carry it.
package final class SchemaNode: Sendable {
  /// How the elements of a list belong together (`x-kubernetes-list-type`).
  package enum ListType: Sendable, Hashable {
    case atomic
    case set
    case map(keys: [String])
  }

  let raw: JSONValue
  let type: String?
  let format: String?
  let isNullable: Bool
  let isIntOrString: Bool
  let preservesUnknownFields: Bool
  let isEmbeddedResource: Bool
  let isAtomic: Bool
  let listType: ListType
  let defaultValue: JSONValue?
  let enumeration: [JSONValue]?
  let pattern: String?
  let properties: [String: SchemaNode]
  let required: [String]
  let items: SchemaNode?
  let additionalProperties: SchemaNode?
  let allowsAdditionalProperties: Bool
  let allOf: [SchemaNode]
  let anyOf: [SchemaNode]
  let oneOf: [SchemaNode]
  let not: SchemaNode?

  /// Reads a schema; unknown keywords are kept in `raw` only.
  package init(_ raw: JSONValue) {
    self.raw = raw
    type = raw["type"]?.stringValue
    format = raw["format"]?.stringValue
    isNullable = raw["nullable"]?.boolValue ?? false
    isIntOrString =
      raw["x-kubernetes-int-or-string"]?.boolValue ?? (raw["format"] == "int-or-string")
    preservesUnknownFields = raw["x-kubernetes-preserve-unknown-fields"]?.boolValue ?? false
    isEmbeddedResource = raw["x-kubernetes-embedded-resource"]?.boolValue ?? false
    isAtomic = raw["x-kubernetes-map-type"] == "atomic"
    switch raw["x-kubernetes-list-type"]?.stringValue {
    case "set": listType = .set
    case "map":
      let keys = raw["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue)
      listType = .map(keys: keys ?? [])
    default: listType = .atomic
    }
    defaultValue = raw["default"]
    enumeration = raw["enum"]?.arrayValue
    pattern = raw["pattern"]?.stringValue
    properties = (raw["properties"]?.objectValue ?? [:]).mapValues(SchemaNode.init)
    required = raw["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
    items = raw["items"].map(SchemaNode.init)
    if raw["additionalProperties"]?.objectValue != nil {
      additionalProperties = raw["additionalProperties"].map(SchemaNode.init)
      allowsAdditionalProperties = true
    } else {
      additionalProperties = nil
      allowsAdditionalProperties = raw["additionalProperties"]?.boolValue ?? false
    }
    allOf = raw["allOf"]?.arrayValue?.map(SchemaNode.init) ?? []
    anyOf = raw["anyOf"]?.arrayValue?.map(SchemaNode.init) ?? []
    oneOf = raw["oneOf"]?.arrayValue?.map(SchemaNode.init) ?? []
    not = raw["not"].map(SchemaNode.init)
  }

  /// The schema of a member, declared or through `additionalProperties`.
  func child(_ member: String) -> SchemaNode? { properties[member] ?? additionalProperties }

  func number(_ keyword: String) -> Double? { raw[keyword]?.doubleValue }
  func count(_ keyword: String) -> Int? { raw[keyword]?.integerValue.map { Int($0) } }
}
