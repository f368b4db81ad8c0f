/// Sends one message to a Discord webhook, as a state machine: Discord's limits are obeyed, and
/// tries come to an end.
package struct WebhookDelivery: Sendable {
  /// What came of a try.
  package enum Result: Sendable, Hashable {
    /// - Parameter retryAfter: seconds, of the header or of the body.
    case answered(status: Int, retryAfter: Double?)
    case noAnswer(String)
  }

  /// What to do next.
  package enum Step: Sendable, Hashable {
    case delivered
    case tryAgain(after: Duration)
    case giveUp(String)
  }

  private static let attempts = 4
  private static let longestWait: Duration = .seconds(60)
  private var attempt = 0
  private var pause: Duration = .seconds(1)

  /// A delivery that has not begun.
  package init() {}

  /// Takes the result of a try. The reasons never hold the webhook's URL, which is a secret.
  package mutating func handle(_ result: Result) -> Step {
    attempt += 1
    switch result {
    case .answered(let status, _) where (200..<300).contains(status): return .delivered
    case .answered(429, let seconds):
      let wait = Duration.milliseconds(Int64(min(max(seconds ?? 1, 0.1), 3_600) * 1000))
      guard attempt < Self.attempts, wait <= Self.longestWait else {
        return .giveUp("Discord limits this webhook for another \(wait)")
      }
      return .tryAgain(after: wait)
    case .answered(let status, _) where status >= 500: return retry("status \(status)")
    case .answered(let status, _):
      let hint = status == 401 || status == 404 ? ": the webhook does not exist any more" : ""
      return .giveUp("Discord answered with status \(status)\(hint)")
    case .noAnswer(let reason): return retry(reason)
    }
  }

  private mutating func retry(_ reason: String) -> Step {
    guard attempt < Self.attempts else {
      return .giveUp("\(reason), after \(attempt) tries")
    }
    defer { pause *= 2 }
    return .tryAgain(after: pause)
  }
}
