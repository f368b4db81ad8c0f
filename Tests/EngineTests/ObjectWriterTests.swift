import HTTPTransport
import JSONValue
import KubeWatch
import Synchronization
import Testing

@testable import Engine

/// What the writes to managed resources say, and what a lost answer leads to.
@Suite struct ObjectWriterTests {
  private static let type = ResourceType(
    group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
    plural: "channels")

  private final class Server: Transport {
    private let log = Mutex<[HTTPRequest]>([])
    private let losesAnswers = Mutex(false)

    var requests: [HTTPRequest] { log.withLock { $0 } }
    func loseAnswers(_ loses: Bool) { losesAnswers.withLock { $0 = loses } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      log.withLock { $0.append(request) }
      if losesAnswers.withLock({ $0 }) {
        throw TransportError(
          kind: .connectionLost, message: "reset", requestMayHaveBeenSent: true)
      }
      return HTTPResponse(status: 200, body: ObjectWriterTests.body(version: "2"))
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
      throw TransportError(kind: .cannotConnect, message: "", requestMayHaveBeenSent: false)
    }
  }

  private static func body(version: String) -> [UInt8] {
    let value: JSONValue = [
      "metadata": [
        "name": "general", "namespace": "ns", "uid": "seen", "resourceVersion": .string(version),
      ]
    ]
    return value.serialized()
  }

  private let server = Server()
  private let writer: ObjectWriter
  private let resource: ManagedResource

  init() throws {
    writer = ObjectWriter(
      kube: KubeClient(access: ClusterAccess(server: "https://k.invalid"), transport: server),
      time: .system(), accept: { type, body in StoredObject(json: body, type: type) })
    let object = try #require(StoredObject(json: Self.body(version: "1"), type: Self.type))
    resource = try ManagedResource(object)
  }

  private func lastBody() throws -> JSONValue {
    try JSONValue(parsing: try #require(server.requests.last?.body))
  }

  /// None lands on an object that took the name of a deleted one.
  @Test func everyWriteNamesTheObjectThatWasSeen() async throws {
    _ = try await writer.updateMetadata(
      of: resource, type: Self.type, annotations: ["a": "b"], ifUnchanged: false)
    #expect(try lastBody() == ["metadata": ["uid": "seen", "annotations": ["a": "b"]]])
    _ = try await writer.updateMetadata(
      of: resource, type: Self.type, finalizers: ["f"], ifUnchanged: true)
    #expect(
      try lastBody() == [
        "metadata": ["uid": "seen", "resourceVersion": "1", "finalizers": ["f"]]
      ])
    _ = try await writer.updateStatus(of: resource, type: Self.type, to: StatusDraft(.success))
    #expect(try lastBody()["metadata"] == ["uid": "seen"])
    #expect(server.requests.last?.url.hasSuffix("/general/status") == true)
  }

  @Test func whatStandsInTheStatusAlreadyIsNotWritten() async throws {
    var value = try JSONValue(parsing: resource.object.bytes)
    let condition: JSONValue = [
      "type": "Synced", "status": "True", "reason": "ReconcileSuccess", "observedGeneration": 0,
      "lastTransitionTime": "2026-01-01T00:00:00Z",
    ]
    value["status"] = ["conditions": [condition]]
    let object = try #require(StoredObject(json: value.serialized(), type: Self.type))
    let known = try ManagedResource(object)
    let same = try await writer.updateStatus(of: known, type: Self.type, to: StatusDraft(.success))
    #expect(same.object.resourceVersion == "1")
    #expect(server.requests.isEmpty)
  }

  @Test func afterALostAnswerTheObjectIsReadOnceBeforeAnythingIsConcluded() async throws {
    #expect(try await writer.current(resource, type: Self.type).object == resource.object)
    #expect(server.requests.isEmpty)
    server.loseAnswers(true)
    await #expect(throws: KubeError.self) {
      try await writer.updateMetadata(
        of: resource, type: Self.type, annotations: ["a": "b"], ifUnchanged: false)
    }
    // As long as it can't be read, nothing is concluded.
    await #expect(throws: KubeError.self) {
      try await writer.current(resource, type: Self.type)
    }
    server.loseAnswers(false)
    let before = server.requests.count
    #expect(try await writer.current(resource, type: Self.type).object.resourceVersion == "2")
    #expect(server.requests.last?.method == "GET")
    _ = try await writer.current(resource, type: Self.type)
    #expect(server.requests.count == before + 1)
  }
}
