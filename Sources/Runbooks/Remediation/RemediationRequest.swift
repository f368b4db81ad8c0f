package import JSONValue
import KubeWatch

/// The very request that an operation sends: what is shown is what goes out.
package struct RemediationRequest: Sendable, Hashable {
  /// Who is named in an object's managed fields.
  package static let fieldManager = "provider-discord-runbook"

  package let method: String
  /// From `/`, without the query.
  package let path: String
  package let query: [String: String]
  package let contentType: String
  /// With placeholders where a secret goes.
  package let body: JSONValue

  /// The request of an operation on an object in the state that was seen.
  ///
  /// - Parameters:
  ///   - live: the object; nil when there is none.
  ///   - restartedAt: the time that a restart writes, RFC 3339.
  package init(_ operation: RemediationOperation, live: LiveObject?, restartedAt: String) {
    let uid = operation.uid ?? live?.uid
    let version = operation.resourceVersion ?? live?.resourceVersion
    var query = ["fieldManager": Self.fieldManager]
    switch operation.verb {
    case .probe:
      method = "POST"
      path = "/debug/probe"
      contentType = "application/json"
      query = [:]
      body = operation.body
    case .create:
      method = "POST"
      path = operation.type.path(namespace: operation.key.namespace)
      contentType = "application/json"
      body = operation.body
    case .delete:
      method = "DELETE"
      path = operation.type.path(operation.key)
      contentType = "application/json"
      query = [:]
      var options: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
      options.set(uid.map { .string($0) }, at: ["preconditions", "uid"])
      options.set(
        operation.resourceVersion.map { .string($0) }, at: ["preconditions", "resourceVersion"])
      body = options
    case .apply:
      method = "PATCH"
      path = operation.type.path(operation.key)
      contentType = "application/apply-patch+yaml"
      body = Self.guarded(operation.body, uid, version)
    case .patch where operation.patchType == .json:
      method = "PATCH"
      path = operation.type.path(operation.key)
      contentType = "application/json-patch+json"
      let tests = [("uid", uid), ("resourceVersion", version)].compactMap { name, value in
        value.map { Self.test("/metadata/\(name)", .string($0)) }
      }
      body = .array(tests + (operation.body.arrayValue ?? []))
    case .patch, .annotate, .restart:
      method = "PATCH"
      path = operation.type.path(operation.key)
      let isStrategic = operation.verb == .patch && operation.patchType == .strategic
      contentType =
        isStrategic ? "application/strategic-merge-patch+json" : "application/merge-patch+json"
      body = Self.guarded(Self.patch(operation, restartedAt), uid, version)
    }
    self.query = query
  }

  static func test(_ path: String, _ value: JSONValue) -> JSONValue {
    ["op": "test", "path": .string(path), "value": value]
  }

  private static func patch(_ operation: RemediationOperation, _ restartedAt: String) -> JSONValue {
    switch operation.verb {
    case .annotate: ["metadata": ["annotations": operation.body]]
    case .restart:
      // The annotation of `kubectl rollout restart` (kubectl/pkg/polymorphichelpers/objectrestarter.go).
      [
        "spec": [
          "template": [
            "metadata": [
              "annotations": ["kubectl.kubernetes.io/restartedAt": .string(restartedAt)]
            ]
          ]
        ]
      ]
    default: operation.body
    }
  }

  /// With the object's identity in it, so that another object of the name, or a change in between,
  /// is a conflict at the server.
  private static func guarded(_ body: JSONValue, _ uid: String?, _ version: String?) -> JSONValue {
    var body = body
    if let uid, !uid.isEmpty { body.set(.string(uid), at: ["metadata", "uid"]) }
    if let version, !version.isEmpty {
      body.set(.string(version), at: ["metadata", "resourceVersion"])
    }
    return body
  }

  /// The query as the request sends it.
  ///
  /// - Parameter isDryRun: the server does everything but keep the result.
  package func queryItems(isDryRun: Bool) -> [(String, String)] {
    (isDryRun ? query.merging(["dryRun": "All"]) { $1 } : query).sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  /// As it would be written into a terminal: method, path, content type and body.
  package var text: String {
    let parameters = queryItems(isDryRun: false).map { "\($0.0)=\($0.1)" }
    let target = parameters.isEmpty ? path : "\(path)?\(parameters.joined(separator: "&"))"
    return "\(method) \(target)\nContent-Type: \(contentType)\n\(body.serializedText(pretty: true))"
  }
}
