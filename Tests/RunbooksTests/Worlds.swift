import Engine
import HTTPTransport
import JSONValue
import Synchronization

@testable import Runbooks

/// Answers effects by their name.
final class NamedAnswers: EffectAnswering {
  private let answers: [String: JSONValue]
  private let counted = Mutex<[String: Int]>([:])

  init(_ answers: [String: JSONValue]) {
    self.answers = answers
  }

  var counts: [String: Int] { counted.withLock { $0 } }

  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let name = effect["effect"]?.stringValue ?? ""
    counted.withLock { $0[name, default: 0] += 1 }
    return answers[name] ?? SourceFailure(.unreachable, "nothing answers \(name)").json
  }
}

/// Answers requests by a function, and keeps them.
final class ScriptedTransport: Transport {
  private let answer: @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse
  private let kept = Mutex<[HTTPRequest]>([])

  init(_ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse) {
    self.answer = answer
  }

  var requests: [HTTPRequest] { kept.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    kept.withLock { $0.append(request) }
    return try answer(request)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    throw TransportError(
      kind: .invalidRequest, message: "no streams", requestMayHaveBeenSent: false)
  }
}

extension HTTPResponse {
  static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, body: value.serialized())
  }
}

extension TimeSource {
  /// A clock that stands still: no deadline comes, however slow the machine is.
  static let standing = TimeSource(
    origin: .now, uptime: { .zero }, wallMilliseconds: { 1_767_225_600_000 },
    sleep: { _ in while true { try await Task.sleep(for: .seconds(3_600)) } })
}

/// A clock that stands still until somebody sleeps, and then is where the sleeper wanted to get.
final class SleepersClock: Sendable {
  private let now = Mutex(Duration.zero)

  var source: TimeSource {
    TimeSource(
      origin: .now, uptime: { self.now.withLock { $0 } },
      wallMilliseconds: {
        1_767_225_600_000 + self.now.withLock { $0.wholeMilliseconds }
      },
      sleep: { duration in
        try Task.checkCancellation()
        self.now.withLock { $0 += duration }
      })
  }
}

extension RunbookSituation {
  static let sample = RunbookSituation(
    now: Timestamp(millisecondsSince1970: 1_767_225_600_000), since: 3_600,
    target: ["namespace": "crossplane-system", "reachable": true, "flavour": "helm"],
    values: RunbookValues(), alert: nil,
    reportTarget: ReportTarget(
      context: "prod", namespace: "crossplane-system", deployment: "provider-discord",
      flavour: "helm", isReachable: true, problem: nil))
}
