package import DiscordAPI
import Synchronization

/// What the requests that are made anyway tell of Discord's reachability through one token. Costs no
/// request of its own.
package struct DiscordReach: Sendable {
  /// How long requests may fail before Discord counts as out of reach: a single lost answer is
  /// daily business.
  static let patience: Duration = .seconds(30)

  private var failingSince: Duration?
  private var lastFailure = ""

  /// Nothing is known.
  package init() {}

  /// An exchange has ended. Any answer below 500 shows that Discord is there.
  package mutating func note(_ status: FinishedRequest.Status, _ text: String, at now: Duration) {
    switch status {
    case .success, .clientError, .rateLimited: failingSince = nil
    case .serverError, .networkError:
      failingSince = failingSince ?? now
      lastFailure = text
    }
  }

  /// Why Discord counts as out of reach; nil while it does not.
  package func problem(at now: Duration) -> String? {
    guard let since = failingSince, now - since >= Self.patience else { return nil }
    return "no answer for \((now - since).components.seconds) s: \(lastFailure)"
  }
}

/// A `DiscordReach` that requests of all tasks report to.
package final class DiscordReachRecorder: Sendable {
  private let state = Mutex(DiscordReach())

  /// Nothing is known.
  package init() {}

  /// An exchange has ended.
  func note(_ request: FinishedRequest, at now: Duration) {
    let code = request.code.map { " \($0)" } ?? ""
    state.withLock {
      $0.note(request.status, "\(request.status.rawValue)\(code) at \(request.route)", at: now)
    }
  }

  /// Why Discord counts as out of reach; nil while it does not.
  package func problem(at now: Duration) -> String? { state.withLock { $0.problem(at: now) } }
}
