import HTTPTransport
import JSONValue
import Synchronization
import Testing

@testable import KubeWatch

@Suite(.timeLimit(.minutes(1)))
struct KubeClientTests {
  private let key = ObjectKey(namespace: "ns", name: "a b")

  private func client(_ transport: ScriptedTransport) -> KubeClient {
    KubeClient(
      access: ClusterAccess(server: "https://k/", token: BearerToken("t0ken")),
      transport: transport, version: "1.2", sleep: { _ in })
  }

  @Test func aPatchSaysWhoItIsAndWhatItIs() async throws {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    let client = client(transport)
    _ = try await client.patch(channels, key, subresource: "status", body: Array("{}".utf8))
    _ = try await client.patch(
      channels, key, kind: .apply(fieldManager: "me", force: true), body: [])
    let first = transport.requests[0]
    #expect(first.method == "PATCH")
    #expect(
      first.url
        == "https://k/apis/channel.discord.crossplane.io/v1alpha1/namespaces/ns/channels/a%20b/status"
    )
    #expect(first.headers["User-Agent"] == "provider-discord/1.2")
    #expect(first.headers["Accept"] == "application/json")
    #expect(first.headers["Authorization"] == "Bearer t0ken")
    #expect(first.headers["Content-Type"] == "application/merge-patch+json")
    #expect(transport.urls[1].hasSuffix("?fieldManager=me&force=true"))
    #expect(transport.requests[1].headers["Content-Type"] == "application/apply-patch+yaml")
  }

  @Test func aDeletionCarriesItsPreconditions() async throws {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    try await client(transport).delete(channels, key, uid: "u")
    let body = try JSONValue(parsing: try #require(transport.requests[0].body))
    #expect(body["preconditions"] == ["uid": "u"])
    #expect(transport.requests[0].method == "DELETE")
  }

  @Test func aStatusBecomesAnErrorWithItsReasonAndFields() async throws {
    let status =
      #"{"kind":"Status","code":422,"reason":"Invalid","message":"Channel is invalid","#
      + #""details":{"causes":[{"reason":"FieldValueInvalid","message":"bad","field":"spec.x"}]}}"#
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in
      .json(status, status: 422)
    })
    let error = await #expect(throws: KubeError.self) {
      try await client(transport).get(channels, key)
    }
    #expect(error?.isInvalid == true)
    #expect(error?.causes.first?.field == "spec.x")
    #expect(error?.description == "422 Invalid: Channel is invalid")
    #expect(error?.mayHaveBeenPerformed == false)
  }

  @Test(arguments: [
    (409, "Conflict", true, false), (409, "AlreadyExists", false, true),
  ])
  func aConflictIsNotAnObjectThatExists(
    status: Int, reason: String, isConflict: Bool, isAlreadyExists: Bool
  ) {
    let body = Array(#"{"kind":"Status","reason":"\#(reason)"}"#.utf8)
    let error = KubeError(status: status, headers: [:], body: body)
    #expect(error.isConflict == isConflict)
    #expect(error.isAlreadyExists == isAlreadyExists)
  }

  @Test func aPageOfAProxyIsShortened() {
    let page = "<html>\n" + String(repeating: "x", count: 1000)
    let error = KubeError(status: 502, headers: [:], body: Array(page.utf8))
    #expect(error.message.utf8.count == 200)
    #expect(!error.message.contains("\n"))
    #expect(error.mayHaveBeenPerformed)
  }

  @Test func aServerThatPutsOffIsAskedAgainAFewTimes() async throws {
    let transport = ScriptedTransport(onSend: { _, number throws(TransportError) in
      number < 2 ? .json("{}", status: 429, headers: ["Retry-After": "1"]) : .json("{}")
    })
    _ = try await client(transport).create(channels, namespace: "ns", body: [])
    #expect(transport.requests.count == 3)
    let never = ScriptedTransport(onSend: { _, _ throws(TransportError) in
      .json("{}", status: 429, headers: ["Retry-After": "1"])
    })
    let error = await #expect(throws: KubeError.self) {
      try await client(never).create(channels, namespace: "ns", body: [])
    }
    #expect(error?.isTooManyRequests == true)
    #expect(never.requests.count == 4)
  }

  @Test func aLostRequestSaysWhetherItMayHaveBeenPerformed() async {
    for sent in [true, false] {
      let lost = TransportError(kind: .timedOut, message: "late", requestMayHaveBeenSent: sent)
      let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in throw lost })
      let error = await #expect(throws: KubeError.self) {
        try await client(transport).create(channels, namespace: "ns", body: [])
      }
      #expect(error?.mayHaveBeenPerformed == sent)
      #expect(transport.requests.count == 1)
    }
  }

  @Test func everyExchangeIsCounted() async throws {
    let counted = Mutex<[String]>([])
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in
      .json("{}", status: 201)
    })
    let client = KubeClient(
      access: ClusterAccess(server: "https://k"), transport: transport,
      requestFinished: { method, status in
        counted.withLock { $0.append("\(method) \(status ?? 0)") }
      })
    _ = try await client.create(channels, namespace: "ns", body: [])
    #expect(counted.withLock { $0 } == ["POST 201"])
  }

  @Test func pathsFollowTheType() {
    #expect(ResourceType.secrets.path(namespace: "ns") == "/api/v1/namespaces/ns/secrets")
    #expect(ResourceType.secrets.path() == "/api/v1/secrets")
    #expect(
      ResourceType.customResourceDefinitions.path(namespace: "ns", name: "x")
        == "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x")
    #expect(ResourceType.secrets.apiVersion == "v1")
  }
}
