import JSONValue

/// The paths of one served version in an OpenAPI document. kubectl reads from them which kinds
/// there are and whether a write takes `dryRun` and `fieldValidation`.
struct OpenAPIPaths: Sendable {
  private let definition: ResourceDefinition
  private let version: ResourceDefinition.Version
  private let isVersion3: Bool

  init(
    _ definition: ResourceDefinition, _ version: ResourceDefinition.Version, isVersion3: Bool
  ) {
    self.definition = definition
    self.version = version
    self.isVersion3 = isVersion3
  }

  private static let writeParameters = [
    "dryRun", "fieldManager", "fieldValidation",
  ]
  private static let listParameters = [
    "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit",
    "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
  ]

  var items: [(path: String, item: JSONValue)] {
    let root =
      definition.group.isEmpty
      ? "/api/\(version.name)" : "/apis/\(definition.group)/\(version.name)"
    let space = definition.isNamespaced ? "/namespaces/{namespace}" : ""
    let collection = "\(root)\(space)/\(definition.plural)"
    var result: [(String, JSONValue)] = [
      (collection, collectionItem), ("\(collection)/{name}", objectItem),
    ]
    if version.hasStatus { result.append(("\(collection)/{name}/status", statusItem)) }
    if definition.isNamespaced {
      result.append(
        ("\(root)/\(definition.plural)", ["get": operation("list", Self.listParameters)]))
    }
    return result
  }

  private var collectionItem: JSONValue {
    [
      "get": operation("list", Self.listParameters, list: true),
      "post": operation("post", Self.writeParameters, hasBody: true),
      "delete": operation("deletecollection", Self.listParameters + ["dryRun"]),
    ]
  }

  private var objectItem: JSONValue {
    [
      "get": operation("get", []),
      "put": operation("put", Self.writeParameters, hasBody: true),
      "patch": operation("patch", Self.writeParameters + ["force"], hasBody: true),
      "delete": operation(
        "delete", ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"]),
    ]
  }

  private var statusItem: JSONValue {
    [
      "get": operation("get", []),
      "put": operation("put", Self.writeParameters, hasBody: true),
      "patch": operation("patch", Self.writeParameters + ["force"], hasBody: true),
    ]
  }

  private var patchTypes: [String] {
    var types = [
      "application/apply-patch+yaml", "application/json-patch+json",
      "application/merge-patch+json",
    ]
    // kubectl would look in the schema for merge keys: without one it must not try.
    if definition.behaviour != .custom, version.schema != nil {
      types.append("application/strategic-merge-patch+json")
    }
    return types
  }

  private func operation(
    _ action: String, _ parameters: [String], list: Bool = false, hasBody: Bool = false
  ) -> JSONValue {
    let types = action == "patch" ? patchTypes : ["application/json"]
    let prefix = isVersion3 ? "#/components/schemas/" : "#/definitions/"
    let schema: JSONValue = [
      "$ref": .string(prefix + OpenAPISchemas.name(definition, version.name, list: list))
    ]
    var described: [JSONValue] = parameters.map { name in
      let isTruth = [
        "allowWatchBookmarks", "watch", "force", "sendInitialEvents", "orphanDependents",
      ]
      .contains(name)
      let isNumber = ["limit", "timeoutSeconds", "gracePeriodSeconds"].contains(name)
      let type: JSONValue = isTruth ? "boolean" : isNumber ? "integer" : "string"
      var parameter: JSONValue = ["name": .string(name), "in": "query"]
      if isVersion3 {
        parameter["schema"] = ["type": type, "uniqueItems": true]
      } else {
        parameter["type"] = type
        parameter["uniqueItems"] = true
      }
      return parameter
    }
    var operation: JSONValue = [
      "x-kubernetes-action": .string(action),
      "x-kubernetes-group-version-kind": OpenAPISchemas.groupVersionKind(
        definition, version.name),
    ]
    let response: JSONValue
    if isVersion3 {
      response = ["description": "OK", "content": ["application/json": ["schema": schema]]]
      if hasBody {
        let content = types.map { ($0, JSONValue.object(["schema": schema])) }
        operation["requestBody"] = ["content": .object(Dictionary(content) { first, _ in first })]
      }
    } else {
      response = ["description": "OK", "schema": schema]
      operation["consumes"] = .array(types.map { .string($0) })
      operation["produces"] = ["application/json"]
      if hasBody {
        described.append(["name": "body", "in": "body", "required": true, "schema": schema])
      }
    }
    operation["parameters"] = .array(described)
    operation["responses"] = ["200": response]
    return operation
  }
}
