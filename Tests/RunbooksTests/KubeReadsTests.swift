import HTTPTransport
import JSONValue
import KubeWatch
import Synchronization
import Testing

@testable import Runbooks

/// When an API server counts as one that does not answer.
@Suite struct KubeReadsTests {
  private static let timedOut = TransportError(
    kind: .timedOut, message: "slow", requestMayHaveBeenSent: true)

  private static func reads(_ transport: any Transport) -> KubeReads {
    KubeReads(access: ClusterAccess(server: "https://k"), transport: transport, version: "0")
  }

  @Test func theFirstAnswerMayTakeLonger() async throws {
    let transport = ScriptedTransport { _ in .json([:]) }
    let reads = Self.reads(transport)
    for path in ["/version", "/api/v1/pods", "/api/v1/nodes"] {
      _ = try await reads.json(path: path)
    }
    #expect(transport.requests.map(\.timeout) == [.seconds(6), .seconds(3), .seconds(3)])
  }

  @Test func anErrorIsAnAnswerToo() async throws {
    let transport = ScriptedTransport { request in
      .json(["kind": "Status"], status: request.url.hasSuffix("/version") ? 403 : 200)
    }
    let reads = Self.reads(transport)
    await #expect(throws: SourceFailure.self) { try await reads.json(path: "/version") }
    _ = try await reads.json(path: "/api/v1/pods")
    #expect(transport.requests.map(\.timeout) == [.seconds(6), .seconds(3)])
  }

  @Test func aServerThatNeverAnswersIsLeftAlone() async {
    let transport = ScriptedTransport { _ throws(TransportError) in throw Self.timedOut }
    let reads = Self.reads(transport)
    for expected in [SourceFailure.Kind.timeout, .unreachable] {
      let error = await #expect(throws: SourceFailure.self) {
        try await reads.json(path: "/api/v1/pods")
      }
      #expect(error?.kind == expected)
    }
    #expect(transport.requests.count == 1)
  }

  @Test func aServerThatFallsSilentIsLeftAlone() async throws {
    let transport = ScriptedTransport { request throws(TransportError) in
      guard request.url.hasSuffix("/version") else { throw Self.timedOut }
      return .json([:])
    }
    let reads = Self.reads(transport)
    _ = try await reads.json(path: "/version")
    for expected in [SourceFailure.Kind.timeout, .unreachable] {
      let error = await #expect(throws: SourceFailure.self) {
        try await reads.json(path: "/api/v1/pods")
      }
      #expect(error?.kind == expected)
    }
    #expect(transport.requests.count == 2)
  }

  /// One list that takes too long, on a server that answers everything else meanwhile, is one list.
  @Test func aSlowAnswerDoesNotCondemnTheServer() async throws {
    let transport = SlowPods()
    let reads = Self.reads(transport)
    _ = try await reads.json(path: "/version")
    async let pods: Void = {
      let error = await #expect(throws: SourceFailure.self) {
        try await reads.json(path: "/api/v1/pods")
      }
      #expect(error?.kind == .timeout)
    }()
    await transport.podsAreAskedFor()
    _ = try await reads.json(path: "/api/v1/nodes")
    transport.giveUpPods()
    await pods
    _ = try await reads.json(path: "/api/v1/nodes")
  }
}

/// Answers at once, but for pods, which take until the test says that their time is over.
private final class SlowPods: Transport {
  private let asked = AsyncStream.makeStream(of: Void.self)
  private let over = AsyncStream.makeStream(of: Void.self)

  func podsAreAskedFor() async {
    for await _ in asked.stream { return }
  }

  func giveUpPods() { over.continuation.finish() }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    guard request.url.hasSuffix("/pods") else { return .json([:]) }
    asked.continuation.yield()
    for await _ in over.stream {}
    throw TransportError(kind: .timedOut, message: "slow", requestMayHaveBeenSent: true)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    throw TransportError(kind: .invalidRequest, message: "", requestMayHaveBeenSent: false)
  }
}
