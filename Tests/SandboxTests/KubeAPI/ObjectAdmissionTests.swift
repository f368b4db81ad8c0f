import JSONValue
import Testing

@testable import Sandbox

/// What the server says to wrong input. The texts are those of a real kube-apiserver, which the same
/// manifests were sent to.
@Suite struct ObjectAdmissionTests {
  private static let refusals: [(JSONValue, String)] = [
    ([:], "spec.name: Required value"),
    (
      ["name": 5],
      "spec.name: Invalid value: \"integer\": spec.name in body must be of type string: \"integer\""
    ),
    (
      ["name": ""],
      "spec.name: Invalid value: \"\": spec.name in body should be at least 1 chars long"
    ),
    (["name": "abcdefghijk"], "spec.name: Too long: may not be longer than 10"),
    (["name": "A"], "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]+$'"),
    (
      ["name": "a", "size": 10],
      "spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9"
    ),
    (
      ["name": "a", "size": 0],
      "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"
    ),
    (
      ["name": "a", "color": "blue"],
      "spec.color: Unsupported value: \"blue\": supported values: \"red\", \"green\""
    ),
    (
      ["name": "a", "since": "now"],
      "spec.since: Invalid value: \"now\": spec.since in body must be of type date-time: \"now\""
    ),
    (["name": "a", "tags": ["x", "y", "z"]], "spec.tags: Too many: 3: must have at most 2 items"),
    (["name": "a", "tags": ["x", "x"]], "spec.tags[1]: Duplicate value: \"x\""),
    (
      ["name": "a", "port": 1.5],
      "spec.port: Invalid value: \"number\": spec.port in body must be of type integer,string: \"number\""
    ),
    (
      ["name": "a", "labels": ["k": 1]],
      "spec.labels.k: Invalid value: \"integer\": spec.labels.k in body must be of type string: \"integer\""
    ),
  ]

  @Test(arguments: refusals)
  func refusesWithTheServersWords(spec: JSONValue, text: String) throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", ClusterFixture.widgets, ClusterFixture.widget("w", spec))
    #expect(answer.status == 422)
    #expect(answer.body.statusMessage.contains(text), "\(answer.body.statusMessage)")
    #expect(answer.body["reason"] == "Invalid")
    #expect(answer.body.value(at: "details", "kind") == "Widget")
    let cause = answer.body.value(at: "details", "causes")?[0]
    #expect(cause?["field"]?.stringValue.map(text.hasPrefix) ?? false)
  }

  @Test func oneMistakeIsShownPlainAndSeveralInBrackets() throws {
    var fixture = try ClusterFixture()
    let one = try fixture.call("POST", ClusterFixture.widgets, ClusterFixture.widget("w", [:]))
    #expect(
      one.body.statusMessage == "Widget.example.org \"w\" is invalid: spec.name: Required value")
    let two = try fixture.call(
      "POST", ClusterFixture.widgets, ClusterFixture.widget("w", ["size": 0]))
    #expect(
      two.body.statusMessage
        == "Widget.example.org \"w\" is invalid: [spec.name: Required value, spec.size: Invalid "
        + "value: 0: spec.size in body should be greater than or equal to 1]")
  }

  @Test func defaultsAreFilledIn() throws {
    var fixture = try ClusterFixture()
    let made = try fixture.create("w", ["name": "a", "size": .null, "parts": [["id": "x"]]])
    #expect(made.value(at: "spec", "size") == 3)
    #expect(made.value(at: "spec", "parts")?[0]?["count"] == 1)
  }

  @Test func nullIsKeptOnlyWhereItIsAllowed() throws {
    var fixture = try ClusterFixture()
    let made = try fixture.create("w", ["name": "a", "maybe": .null])
    #expect(made.value(at: "spec", "maybe") == .null)
    let refused = try fixture.call(
      "POST", ClusterFixture.widgets, ClusterFixture.widget("x", ["name": "a", "color": .null]))
    #expect(refused.status == 422)
  }

  @Test func unknownFieldsArePrunedWithAWarning() throws {
    var fixture = try ClusterFixture()
    let spec: JSONValue = [
      "name": "a", "nope": 1, "free": ["any": 1], "parts": [["id": "x", "odd": 1]],
    ]
    let answer = try fixture.call(
      "POST", ClusterFixture.widgets, ClusterFixture.widget("w", spec))
    #expect(answer.status == 201)
    #expect(answer.body.value(at: "spec", "nope") == nil)
    #expect(answer.body.value(at: "spec", "free", "any") == 1)
    #expect(
      answer.warnings == ["unknown field \"spec.nope\"", "unknown field \"spec.parts[0].odd\""])
  }

  @Test func strictValidationRefusesUnknownFields() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", ClusterFixture.widgets, ClusterFixture.widget("w", ["name": "a", "nope": 1]),
      query: [("fieldValidation", "Strict")])
    #expect(answer.status == 400)
    #expect(
      answer.body.statusMessage
        == "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: "
        + "unknown field \"spec.nope\"")
  }

  @Test func namesAndLabelsFollowTheRules() throws {
    var fixture = try ClusterFixture()
    let named = try fixture.call("POST", ClusterFixture.widgets, ClusterFixture.widget("A_b"))
    #expect(
      named.body.statusMessage.contains(
        "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123"))
    var labelled = ClusterFixture.widget("w")
    labelled.set("-x-", at: ["metadata", "labels", "k"])
    let answer = try fixture.call("POST", ClusterFixture.widgets, labelled)
    #expect(answer.body.statusMessage.contains("metadata.labels: Invalid value: \"-x-\""))
  }

  @Test func secretsTakePlainTextAndKeepBase64() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", "/api/v1/namespaces/default/secrets",
      [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"],
        "stringData": ["token": "abc", "long": "any carnal pleas"],
      ])
    #expect(answer.body["data"] == ["token": "YWJj", "long": "YW55IGNhcm5hbCBwbGVhcw=="])
    #expect(answer.body["stringData"] == nil)
    #expect(answer.body["type"] == "Opaque")
    let broken = try fixture.call(
      "POST", "/api/v1/namespaces/default/secrets",
      [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "t"], "data": ["k": "no!"],
      ])
    #expect(broken.status == 400)
  }

  @Test func aWrongVersionOrKindIsABadRequest() throws {
    var fixture = try ClusterFixture()
    var other = ClusterFixture.widget("w")
    other["apiVersion"] = "example.org/v9"
    let answer = try fixture.call("POST", ClusterFixture.widgets, other)
    #expect(answer.status == 400)
    #expect(
      answer.body.statusMessage
        == "the API version in the data (example.org/v9) does not match the expected API version "
        + "(example.org/v1)")
  }

  @Test func aBrokenCRDIsRefused() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "wrong"],
        "spec": [
          "group": "a.b", "scope": "Namespaced", "names": ["plural": "xs", "kind": "X"],
          "versions": [["name": "v1", "served": true, "storage": true]],
        ],
      ])
    #expect(answer.status == 422)
    #expect(answer.body.statusMessage.contains("must be spec.names.plural+\".\"+spec.group"))
    #expect(
      answer.body.statusMessage.contains("spec.versions[0].schema.openAPIV3Schema: Required value"))
  }
}
