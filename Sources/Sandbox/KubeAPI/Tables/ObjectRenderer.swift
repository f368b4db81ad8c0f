import JSONValue

/// How an answer shows objects, as negotiated by `Accept`: whole, as a Table, or metadata only.
enum ObjectRenderer: Sendable {
  case whole
  case table(included: TableRenderer.IncludedObject, version: String)
  case partial(version: String)

  /// Picks the first form of an `Accept` header that is known; nil when none is.
  init?(accept: String, includeObject: String?) {
    if accept.isEmpty {
      self = .whole
      return
    }
    for entry in accept.split(separator: ",") {
      let parts = entry.split(separator: ";").map { String($0.filter { $0 != " " }) }
      guard let type = parts.first,
        ["application/json", "application/*", "*/*"].contains(type)
      else { continue }
      var parameters: [String: String] = [:]
      for part in parts.dropFirst() {
        let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
        if pair.count == 2 { parameters[pair[0]] = pair[1] }
      }
      let version = parameters["v"] ?? "v1"
      switch parameters["as"] {
      case nil:
        self = .whole
        return
      case "Table":
        let included = includeObject.flatMap { TableRenderer.IncludedObject(rawValue: $0) }
        self = .table(included: included ?? .metadata, version: version)
        return
      case "PartialObjectMetadata", "PartialObjectMetadataList":
        self = .partial(version: version)
        return
      default: continue
      }
    }
    return nil
  }

  var bookmarkKind: String? {
    if case .partial = self { return "PartialObjectMetadata" }
    return nil
  }

  var bookmarkAPIVersion: String? {
    if case .partial(let version) = self { return "meta.k8s.io/\(version)" }
    return nil
  }

  /// One object in a served version.
  func single(
    _ object: JSONValue, definition: ResourceDefinition, version: String, now: KubeTime,
    withColumns: Bool = true
  ) -> JSONValue {
    let served = Self.served(object, definition, version)
    switch self {
    case .whole: return served
    case .partial(let metaVersion):
      return TableRenderer.partial(served, version: metaVersion)
    case .table(let included, let metaVersion):
      let columns = definition.version(version)?.columns ?? [.name, .age]
      return TableRenderer(columns: columns, included: included, version: metaVersion).table(
        of: [served],
        listMetadata: ["resourceVersion": .string(served.metadataResourceVersion)], now: now,
        withColumns: withColumns)
    }
  }

  /// A list of objects in a served version.
  func list(
    _ objects: [JSONValue], metadata: JSONValue, definition: ResourceDefinition, version: String,
    now: KubeTime
  ) -> JSONValue {
    let served = objects.map { Self.served($0, definition, version) }
    switch self {
    case .whole:
      return [
        "kind": .string(definition.listKind),
        "apiVersion": .string(definition.apiVersion(version)), "metadata": metadata,
        "items": .array(served),
      ]
    case .partial(let metaVersion):
      return [
        "kind": "PartialObjectMetadataList",
        "apiVersion": .string("meta.k8s.io/\(metaVersion)"), "metadata": metadata,
        "items": .array(served.map { TableRenderer.partial($0, version: metaVersion) }),
      ]
    case .table(let included, let metaVersion):
      let columns = definition.version(version)?.columns ?? [.name, .age]
      return TableRenderer(columns: columns, included: included, version: metaVersion).table(
        of: served, listMetadata: metadata, now: now)
    }
  }

  /// Conversion "None": the versions of a resource differ in `apiVersion` only.
  private static func served(
    _ object: JSONValue, _ definition: ResourceDefinition, _ version: String
  ) -> JSONValue {
    guard version != definition.storageVersion else { return object }
    var object = object
    object["apiVersion"] = .string(definition.apiVersion(version))
    return object
  }
}
