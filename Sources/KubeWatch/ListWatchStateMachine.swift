/// Decides what a reflector does next: list in pages, watch from where the list ended, resume, list
/// again. It has no clock and does no I/O.
struct ListWatchStateMachine {
  typealias Instant = ContinuousClock.Instant

  enum Action: Equatable {
    /// Ask for a page. Without a token a new list begins, and what an unfinished one saw is void.
    case list(continueToken: String?, limit: Int?)
    case watch(resourceVersion: String, timeout: Duration)
    case wait(Duration)
  }

  enum Event: Equatable {
    case started
    case pageArrived(resourceVersion: String, continueToken: String?)
    case listFailed(Failure)
    /// The server, or silence, ended the watch; `gotEvents` tells whether it had delivered any.
    case watchEnded(gotEvents: Bool)
    case watchFailed(Failure)
    case waitEnded
  }

  enum Failure: Equatable {
    /// 410: the version or the token is too old.
    case expired
    /// The server cannot now: no connection, 429, 5xx. What was known stays valid.
    case unavailable(retryAfter: Duration?)
    /// Any other refusal.
    case refused(retryAfter: Duration?)
  }

  static let pageLimit = 500
  /// A watch that ends sooner and empty is a failure, or a broken proxy would be asked in a loop.
  static let shortestWatch: Duration = .seconds(1)

  private var backoff = Backoff()
  private var resourceVersion: String?
  private var isPaging = false
  private var watchStartedAt: Instant?
  private var afterWait = Next.list

  private enum Next { case list, watch, listWhole }

  /// - Parameter random: 0 up to 1, for the length of watches and waits.
  mutating func handle(_ event: Event, now: Instant, random: Double) -> Action {
    switch event {
    case .started: return list()
    case .pageArrived(let version, let token):
      if let token {
        isPaging = true
        return .list(continueToken: token, limit: Self.pageLimit)
      }
      isPaging = false
      resourceVersion = version
      return watch(now, random)
    case .listFailed(.expired):
      // The token of a long list outlived its snapshot; only a list in one piece is sure to end.
      let wasPaging = isPaging
      isPaging = false
      return wait(nil, then: wasPaging ? .listWhole : .list, now, random)
    case .listFailed(.unavailable(let delay)), .listFailed(.refused(let delay)):
      isPaging = false
      return wait(delay, then: .list, now, random)
    case .watchEnded(let gotEvents):
      let lasted = watchStartedAt?.duration(to: now) ?? .zero
      if !gotEvents, lasted < Self.shortestWatch { return wait(nil, then: .watch, now, random) }
      return watch(now, random)
    case .watchFailed(.expired): return wait(nil, then: .list, now, random)
    case .watchFailed(.unavailable(let delay)): return wait(delay, then: .watch, now, random)
    case .watchFailed(.refused(let delay)): return wait(delay, then: .list, now, random)
    case .waitEnded:
      switch afterWait {
      case .list: return list()
      case .listWhole: return .list(continueToken: nil, limit: nil)
      case .watch: return watch(now, random)
      }
    }
  }

  /// An event or a bookmark moved the place that a watch resumes from.
  mutating func noteProgress(resourceVersion: String) { self.resourceVersion = resourceVersion }

  private func list() -> Action { .list(continueToken: nil, limit: Self.pageLimit) }

  private mutating func watch(_ now: Instant, _ random: Double) -> Action {
    guard let resourceVersion, !resourceVersion.isEmpty else { return list() }
    watchStartedAt = now
    // Spread over five minutes, so that the watches of a restarted server do not end together.
    return .watch(
      resourceVersion: resourceVersion, timeout: .seconds(300 + Int(random * 300)))
  }

  private mutating func wait(
    _ atLeast: Duration?, then next: Next, _ now: Instant, _ random: Double
  ) -> Action {
    afterWait = next
    return .wait(max(atLeast ?? .zero, backoff.next(now: now, random: random)))
  }
}

extension ListWatchStateMachine.Failure {
  init(_ error: KubeError) {
    if error.isExpired {
      self = .expired
    } else if error.transport != nil || error.isTooManyRequests
      || (error.status ?? 0) >= 500
    {
      self = .unavailable(retryAfter: error.retryAfter)
    } else {
      self = .refused(retryAfter: error.retryAfter)
    }
  }
}
