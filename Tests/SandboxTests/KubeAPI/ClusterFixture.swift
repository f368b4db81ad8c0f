import JSONValue
import Testing

@testable import Sandbox

/// A cluster with a small CRD of its own, and short ways to call it.
struct ClusterFixture {
  static let start = KubeTime(seconds: 1_700_000_000)
  static let widgets = "/apis/example.org/v1/namespaces/default/widgets"

  static let crd = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: widgets.example.org}
    spec:
      group: example.org
      scope: Namespaced
      names: {plural: widgets, kind: Widget, shortNames: [wd], categories: [all]}
      versions:
      - name: v1
        served: true
        storage: true
        subresources: {status: {}}
        additionalPrinterColumns:
        - {name: Ready, type: string, jsonPath: ".status.conditions[?(@.type=='Ready')].status"}
        - {name: Size, type: integer, jsonPath: .spec.size}
        - {name: External, type: string, jsonPath: '.metadata.annotations.example\\.org/external', priority: 1}
        schema:
          openAPIV3Schema:
            type: object
            required: [spec]
            properties:
              spec:
                type: object
                required: [name]
                properties:
                  name: {type: string, minLength: 1, maxLength: 10, pattern: "^[a-z]+$"}
                  size: {type: integer, minimum: 1, maximum: 9, default: 3}
                  color: {type: string, enum: [red, green]}
                  since: {type: string, format: date-time}
                  port: {x-kubernetes-int-or-string: true}
                  maybe: {type: string, nullable: true}
                  free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                  tags: {type: array, maxItems: 2, items: {type: string}, x-kubernetes-list-type: set}
                  parts:
                    type: array
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [id]
                    items:
                      type: object
                      required: [id]
                      properties:
                        id: {type: string}
                        count: {type: integer, default: 1}
                        note: {type: string}
                  labels: {type: object, additionalProperties: {type: string}}
              status:
                type: object
                x-kubernetes-preserve-unknown-fields: true
      - name: v1beta1
        served: true
        storage: false
        deprecated: true
        schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """

  var cluster: KubeCluster
  var now = ClusterFixture.start

  init(historyLimit: Int = 4_096) throws {
    cluster = try KubeCluster(
      customResourceDefinitions: YAMLDocuments.parse(Self.crd), now: Self.start,
      historyLimit: historyLimit)
  }

  @discardableResult
  mutating func call(
    _ method: String, _ path: String, _ body: JSONValue? = nil, query: [(String, String)] = [],
    type: String = "application/json", accept: String = ""
  ) throws -> (status: Int, body: JSONValue, warnings: [String]) {
    let request = KubeRequest(
      method: method, path: path, query: query.map { (name: $0.0, value: $0.1) }, accept: accept,
      contentType: type, userAgent: "test/1", body: body?.serialized() ?? [])
    guard case .reply(let reply) = cluster.respond(to: request, now: now) else {
      throw APIStatusError.badRequest("a watch where a reply was expected")
    }
    return (reply.status, try JSONValue(parsing: reply.body), reply.warnings)
  }

  /// Opens a watch.
  mutating func watch(_ path: String, query: [(String, String)] = []) throws -> WatchSession {
    let all = query.map { (name: $0.0, value: $0.1) } + [(name: "watch", value: "true")]
    let request = KubeRequest(method: "GET", path: path, query: all)
    guard case .watch(let session) = cluster.respond(to: request, now: now) else {
      throw APIStatusError.badRequest("a reply where a watch was expected")
    }
    return session
  }

  /// The events that a watch has to send now.
  func events(_ session: inout WatchSession) throws -> [JSONValue] {
    try cluster.frames(for: &session, now: now).split(separator: 10)
      .map { try JSONValue(parsing: Array($0)) }
  }

  static func widget(_ name: String, _ spec: JSONValue = ["name": "abc"]) -> JSONValue {
    [
      "apiVersion": "example.org/v1", "kind": "Widget", "metadata": ["name": .string(name)],
      "spec": spec,
    ]
  }

  @discardableResult
  mutating func create(_ name: String, _ spec: JSONValue = ["name": "abc"]) throws -> JSONValue {
    let answer = try call("POST", Self.widgets, Self.widget(name, spec))
    #expect(answer.status == 201, "\(answer.body)")
    return answer.body
  }
}

extension JSONValue {
  /// The text of a Status.
  var statusMessage: String { self["message"]?.stringValue ?? "" }
}
