import HTTPTransport
import Synchronization
import Testing

@testable import Engine

@Suite struct FencedTransportTests {
  private struct Sink: Transport {
    let sent: @Sendable (String) -> Void

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      sent(request.method)
      return HTTPResponse(status: 200)
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
      sent(request.method)
      return HTTPStreamResponse(status: 200, body: HTTPBody { () throws(TransportError) in nil })
    }
  }

  private final class Passed: Sendable {
    let methods = Mutex<[String]>([])
  }

  private static let start = ContinuousClock.now

  private static func passed(
    _ leadership: Leadership, _ exempt: FencedTransport.Exempt, after seconds: Int
  ) async -> [String] {
    let passed = Passed()
    let transport = FencedTransport(
      base: Sink { method in passed.methods.withLock { $0.append(method) } },
      leadership: leadership, exempt: exempt, now: { start + .seconds(seconds) })
    for method in ["GET", "POST"] {
      _ = try? await transport.send(HTTPRequest(method: method, url: "https://x/"))
    }
    return passed.methods.withLock { $0 }
  }

  @Test func whoIsAloneMayDoEverything() async {
    #expect(await Self.passed(Leadership(isElected: false), .nothing, after: 9) == ["GET", "POST"])
  }

  @Test func nothingPassesBeforeATermNorAfterItsEndByTheClock() async {
    let leadership = Leadership(isElected: true)
    #expect(await Self.passed(leadership, .nothing, after: 0) == [])
    leadership.begin(until: Self.start + .seconds(10))
    #expect(await Self.passed(leadership, .nothing, after: 9) == ["GET", "POST"])
    // Nobody has told this process yet that its term is over: it slept.
    #expect(leadership.isLeading)
    #expect(await Self.passed(leadership, .nothing, after: 10) == [])
    leadership.extend(until: Self.start + .seconds(20))
    #expect(await Self.passed(leadership, .nothing, after: 10) == ["GET", "POST"])
    leadership.end()
    #expect(await Self.passed(leadership, .nothing, after: 10) == [])
    // What is over is not extended.
    leadership.extend(until: Self.start + .seconds(99))
    #expect(await Self.passed(leadership, .nothing, after: 10) == [])
  }

  @Test func cachesReadWithoutLeading() async {
    let leadership = Leadership(isElected: true)
    #expect(await Self.passed(leadership, .reads, after: 0) == ["GET"])
  }

  @Test func aRefusedRequestWasCertainlyNotSent() async {
    let transport = FencedTransport(
      base: Sink { _ in }, leadership: Leadership(isElected: true), exempt: .nothing,
      now: { Self.start })
    do {
      _ = try await transport.send(HTTPRequest(method: "POST", url: "https://x/"))
      Issue.record("it passed")
    } catch {
      #expect(error.kind == .cancelled && !error.requestMayHaveBeenSent)
    }
  }

  @Test func aNewTermIsHandedOutOnceAndItsEndIsTold() async {
    let leadership = Leadership(isElected: true)
    leadership.begin(until: Self.start)
    #expect(await leadership.term(after: 0) == 1)
    async let end: Void = leadership.end(of: 1)
    leadership.end()
    await end
    async let next = leadership.term(after: 1)
    leadership.begin(until: Self.start)
    #expect(await next == 2)
    leadership.close()
    #expect(await leadership.term(after: 2) == nil)
  }
}
