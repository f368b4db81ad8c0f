import HTTPTransport
import JSONValue
package import KubeWatch

/// Asks a live cluster whether whoever runs this may do what runbooks need.
package struct AccessReviews: Sendable {
  private let client: KubeClient
  private let namespace: String

  /// - Parameter namespace: the provider's.
  package init(client: KubeClient, namespace: String) {
    self.client = client
    self.namespace = namespace
  }

  /// Whether a right is there (authorization.k8s.io/v1 SelfSubjectAccessReview).
  package func allow(_ right: RunbookRight) async throws -> Bool {
    var attributes: JSONValue = [
      "verb": .string(right.verb), "group": .string(right.group),
      "resource": .string(right.resource),
    ]
    attributes["subresource"] = right.subresource.map { .string($0) }
    attributes["namespace"] = right.namespace.map { .string($0.isEmpty ? namespace : $0) }
    let review: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
      "spec": ["resourceAttributes": attributes],
    ]
    let response = try await client.raw(
      method: "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: review.serialized())
    let answer = try JSONValue(parsing: response.body)
    return answer.value(at: "status", "allowed")?.boolValue == true
  }
}
