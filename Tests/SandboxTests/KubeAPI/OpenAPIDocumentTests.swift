import JSONValue
import Testing

@testable import Sandbox

@Suite struct OpenAPIDocumentTests {
  @Test func version3ListsTheGroupsAndHasTheSchema() throws {
    var fixture = try ClusterFixture()
    let index = try fixture.call("GET", "/openapi/v3").body
    #expect(index.value(at: "paths", "apis/example.org/v1") != nil)
    let file = try fixture.call("GET", "/openapi/v3/apis/example.org/v1").body
    let schema = file.value(at: "components", "schemas", "org.example.v1.Widget")
    #expect(schema?.value(at: "properties", "spec", "properties", "size", "default") == 3)
    let patch = file.value(
      at: "paths", "/apis/example.org/v1/namespaces/{namespace}/widgets/{name}", "patch")
    let names = patch?["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
    #expect(names.contains("fieldValidation") && names.contains("dryRun"))
    #expect(patch?.value(at: "x-kubernetes-group-version-kind", "kind") == "Widget")
  }

  @Test func version2IsProtobufWhereAskedFor() throws {
    var fixture = try ClusterFixture()
    let request = KubeRequest(
      method: "GET", path: "/openapi/v2",
      accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
    guard case .reply(let reply) = fixture.cluster.respond(to: request, now: fixture.now) else {
      return
    }
    #expect(reply.contentType.hasSuffix("+protobuf"))
    var reader = ProtobufReader(reply.body[...])
    var fields: [UInt64] = []
    while let (field, _) = reader.next() { fields.append(field) }
    #expect(fields == [1, 2, 8, 9])
    let json = try fixture.call("GET", "/openapi/v2").body
    let definition = json.value(at: "definitions", "org.example.v1.Widget")
    #expect(definition?.value(at: "properties", "spec", "properties", "maybe", "nullable") == nil)
  }

  @Test func protobufBodiesAreRead() {
    // A Namespace "n" with the label a=b in the envelope that client-go makes.
    var label = ProtobufWriter()
    label.write(1, "a")
    label.write(2, "b")
    var metadata = ProtobufWriter()
    metadata.write(1, "n")
    metadata.write(11, label)
    var namespace = ProtobufWriter()
    namespace.write(1, metadata)
    var type = ProtobufWriter()
    type.write(1, "v1")
    type.write(2, "Namespace")
    var envelope = ProtobufWriter()
    envelope.write(1, type)
    envelope.write(2, namespace)
    let object = KubernetesProtobuf.object([0x6B, 0x38, 0x73, 0] + envelope.bytes)
    #expect(
      object == [
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": ["name": "n", "labels": ["a": "b"]],
      ])
    #expect(KubernetesProtobuf.object(Array("{}".utf8)) == nil)
  }
}
