import HTTPTransport
package import JSONValue

extension KubeClient {
  /// One page of a list.
  package struct Page: Sendable {
    package let document: JSONDocument
    package var items: [JSONCursor] { document.root["items"]?.elements ?? [] }
    /// The version that a watch may start from.
    package let resourceVersion: String
    /// Where the next page begins; nil for the last one.
    package let continueToken: String?
  }

  /// An object's JSON as the server sent it.
  package func get(
    _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil
  ) async throws(KubeError) -> [UInt8] {
    try await raw(method: "GET", path: type.path(key, subresource: subresource)).body
  }

  /// An object as a value.
  package func getValue(
    _ type: ResourceType, _ key: ObjectKey
  ) async throws(KubeError) -> JSONValue {
    let bytes = try await get(type, key)
    do throws(JSONError) {
      return try JSONValue(parsing: bytes)
    } catch {
      throw KubeError(message: "the API server sent invalid JSON for \(type.kind) \(key)")
    }
  }

  /// - Parameters:
  ///   - namespace: nil for all.
  ///   - limit: nil for everything in one page.
  package func list(
    _ type: ResourceType, namespace: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil, limit: Int? = nil, continueToken: String? = nil
  ) async throws(KubeError) -> Page {
    var query: [(String, String)] = []
    if let labelSelector { query.append(("labelSelector", labelSelector)) }
    if let fieldSelector { query.append(("fieldSelector", fieldSelector)) }
    if let limit { query.append(("limit", "\(limit)")) }
    if let continueToken { query.append(("continue", continueToken)) }
    let response = try await raw(
      method: "GET", path: type.path(namespace: namespace), query: query, timeout: .seconds(60))
    guard let document = try? JSONDocument(parsing: response.body),
      document.root["items"] != nil, let metadata = document.root["metadata"]
    else { throw KubeError(message: "the API server's list of \(type.plural) is no list") }
    let token = metadata["continue"]?.string ?? ""
    return Page(
      document: document, resourceVersion: metadata["resourceVersion"]?.string ?? "",
      continueToken: token.isEmpty ? nil : token)
  }

  /// - Returns: the object as the server made it.
  package func create(
    _ type: ResourceType, namespace: String? = nil, body: [UInt8]
  ) async throws(KubeError) -> [UInt8] {
    try await raw(method: "POST", path: type.path(namespace: namespace), body: body).body
  }

  /// - Parameter subresource: such as `status`.
  /// - Returns: the object after the change.
  package func patch(
    _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, kind: PatchKind = .merge,
    body: [UInt8]
  ) async throws(KubeError) -> [UInt8] {
    var query: [(String, String)] = []
    if case .apply(let manager, let force) = kind {
      query = [("fieldManager", manager)]
      if force { query.append(("force", "true")) }
    }
    return try await raw(
      method: "PATCH", path: type.path(key, subresource: subresource), query: query, body: body,
      contentType: kind.contentType
    ).body
  }

  /// - Parameters:
  ///   - uid: refuses to delete another object of the same name.
  ///   - resourceVersion: refuses to delete the object in another state.
  package func delete(
    _ type: ResourceType, _ key: ObjectKey, uid: String? = nil, resourceVersion: String? = nil
  ) async throws(KubeError) {
    var body: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
    body.set(uid.map { .string($0) }, at: ["preconditions", "uid"])
    body.set(resourceVersion.map { .string($0) }, at: ["preconditions", "resourceVersion"])
    let hasConditions = uid != nil || resourceVersion != nil
    _ = try await raw(
      method: "DELETE", path: type.path(key), body: hasConditions ? body.serialized() : nil)
  }
}
