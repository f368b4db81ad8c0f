import JSONValue

/// OpenAPI of everything that is served, built from the definitions: version 2 as one document,
/// version 3 as one for each group version.
struct OpenAPIDocument: Sendable {
  private let definitions: [ResourceDefinition]

  init(_ definitions: some Sequence<ResourceDefinition>) {
    self.definitions = definitions.filter { $0.behaviour != .review }
      .sorted { ($0.group, $0.plural) < ($1.group, $1.plural) }
  }

  private static let information: JSONValue = [
    "title": "Kubernetes", "version": "v1.30.0+sandbox",
  ]

  /// `/openapi/v2`.
  func version2() -> JSONValue {
    var schemas = MetaSchemas.all
    var paths: [String: JSONValue] = [:]
    for definition in definitions {
      for version in definition.versions {
        OpenAPISchemas.add(definition, version, reference: "#/definitions/", to: &schemas)
        for (path, item) in OpenAPIPaths(definition, version, isVersion3: false).items {
          paths[path] = item
        }
      }
    }
    return [
      "swagger": "2.0", "info": Self.information, "paths": .object(paths),
      "definitions": .object(schemas.mapValues(OpenAPISchemas.version2)),
    ]
  }

  /// `/openapi/v3`: where the documents of the group versions are.
  func version3Index() -> JSONValue {
    var paths: [String: JSONValue] = [:]
    for definition in definitions {
      for version in definition.versions {
        let path = Self.path(definition, version)
        let size = version3(path)?.serialized().count ?? 0
        // Clients cache by the hash; the revision of a schema shows in the document's length or in
        // a new port.
        paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(size)")]
      }
    }
    return ["paths": .object(paths)]
  }

  private static func path(
    _ definition: ResourceDefinition, _ version: ResourceDefinition.Version
  ) -> String {
    definition.group.isEmpty
      ? "api/\(version.name)" : "apis/\(definition.group)/\(version.name)"
  }

  /// `/openapi/v3/<path>`; nil when nothing is served there.
  func version3(_ path: String) -> JSONValue? {
    var schemas = MetaSchemas.all
    var paths: [String: JSONValue] = [:]
    for definition in definitions {
      for version in definition.versions where Self.path(definition, version) == path {
        OpenAPISchemas.add(
          definition, version, reference: "#/components/schemas/", to: &schemas)
        for (path, item) in OpenAPIPaths(definition, version, isVersion3: true).items {
          paths[path] = item
        }
      }
    }
    guard !paths.isEmpty else { return nil }
    return [
      "openapi": "3.0.0", "info": Self.information, "paths": .object(paths),
      "components": ["schemas": .object(schemas)],
    ]
  }
}
