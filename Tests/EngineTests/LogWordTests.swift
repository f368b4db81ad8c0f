import JSONValue
import Logging
import Synchronization
import Testing

@testable import DiscordAPI
@testable import Engine

/// The words that the operational runbooks look for with grep.
@Suite struct LogWordTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])

    var logger: Logger {
      Logger(label: "test") { _ in
        StandardErrorLogHandler(format: .json, level: .trace) { line in
          self.all.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
      }
    }

    /// The lines that `grep -i` finds.
    func matching(_ pattern: String) throws -> [String] {
      let regex = try Regex(pattern).ignoresCase()
      return all.withLock { $0 }.filter { $0.contains(regex) }
    }
  }

  private func observer(_ lines: Lines) -> DiscordObserver {
    DiscordTelemetry(
      registry: MetricRegistry(), logger: lines.logger, pool: WorkPool(time: .system())
    ).observer { _, _ in }
  }

  private static func request(_ status: FinishedRequest.Status, _ code: Int?) -> FinishedRequest {
    FinishedRequest(
      resourceType: "channel", operation: "create", route: "POST /guilds/{}/channels",
      status: status, code: code, duration: .seconds(1), attempt: 1)
  }

  @Test func circuitOpenIsInTheLineOfABreakerThatOpens() throws {
    let lines = Lines()
    observer(lines).breakerChanged("channel", .init(from: .closed, to: .open))
    #expect(try lines.matching("circuit.*open").count == 1)
    observer(lines).breakerChanged("channel", .init(from: .halfOpen, to: .closed))
    #expect(try lines.matching("circuit.*open").count == 1)
  }

  @Test func rateLimitIsInTheLinesOfA429AndOfARequestPutOff() throws {
    let lines = Lines()
    observer(lines).rateLimited(.user, "POST /guilds/{}/channels", .seconds(2))
    observer(lines).requeued("POST /guilds/{}/channels", .seconds(9), "the bucket is empty")
    #expect(try lines.matching("rate.*limit").count == 2)
  }

  @Test func errorIsInTheLineOfARequestThatFailedAndInNoOther() throws {
    let lines = Lines()
    observer(lines).requestFinished(Self.request(.success, 201))
    #expect(try lines.matching("error").isEmpty)
    observer(lines).requestFinished(Self.request(.serverError, 502))
    observer(lines).requestFinished(Self.request(.networkError, nil))
    #expect(try lines.matching("error").count == 2)
  }

  @Test func securityIsInTheLinesOfARefusedTokenAndOfEveryChange() throws {
    let lines = Lines()
    observer(lines).tokenRefused()
    observer(lines).mutation(
      Mutation(
        resourceType: "channel", operation: "create", method: "POST",
        path: "/guilds/1/channels"))
    #expect(try lines.matching("security").count == 2)
  }
}
