/// When which check of a runbook runs, as a pure machine: side by side where nothing stands in the
/// way, after what they need, each with a deadline and all with the runbook's.
package struct CheckGraph: Sendable {
  /// What is to be done.
  package enum Action: Sendable, Hashable {
    /// Run a check.
    case start(String)
    /// Its time is over; what still comes of it is not wanted.
    case cancel(String)
    /// Every check has an outcome.
    case finish
  }

  /// A check that has ended.
  package struct Result: Sendable, Hashable {
    package var outcome: Outcome
    /// Since the runbook began.
    package var began: Duration
    package var ended: Duration
  }

  private struct Running {
    var began: Duration
    var deadline: Duration
  }

  private let checks: [CheckDescription]
  private let timeout: Duration
  private let width: Int
  private var running: [String: Running] = [:]
  private var isFinished = false
  /// By id.
  package private(set) var results: [String: Result] = [:]

  /// A graph in which nothing runs yet.
  ///
  /// - Parameters:
  ///   - timeout: for all checks together.
  ///   - width: how many run at the same time.
  package init(checks: [CheckDescription], timeout: Duration, width: Int = 16) {
    self.checks = checks
    self.timeout = timeout
    self.width = width
  }

  /// The next time at which `tick` has something to do; nil when nothing runs.
  package var nextDeadline: Duration? {
    running.values.map(\.deadline).min().map { min($0, timeout) }
  }

  /// Begins. Times are since the runbook began.
  package mutating func begin() -> [Action] { advance(at: .zero) }

  /// A check has come to an outcome. What comes after its deadline is dropped.
  package mutating func finished(
    _ id: String, with outcome: Outcome, at now: Duration
  ) -> [Action] {
    guard let run = running.removeValue(forKey: id) else { return [] }
    results[id] = Result(outcome: outcome, began: run.began, ended: now)
    return advance(at: now)
  }

  /// Time has passed.
  package mutating func tick(at now: Duration) -> [Action] {
    var actions: [Action] = []
    for check in checks {
      guard let run = running[check.id] else { continue }
      guard now >= timeout || now >= run.deadline else { continue }
      running[check.id] = nil
      let took = now >= timeout ? timeout : check.timeout
      let whose = now >= timeout ? "the runbook's time" : "its time"
      results[check.id] = Result(
        outcome: Outcome(.unknown, "no result within \(Self.text(took)), \(whose)"),
        began: run.began, ended: now)
      actions.append(.cancel(check.id))
    }
    return actions + advance(at: now)
  }

  /// Starts what can start, and decides what never will.
  private mutating func advance(at now: Duration) -> [Action] {
    guard !isFinished else { return [] }
    var actions: [Action] = []
    // A need stands before what needs it, so that one pass sees all consequences of a skip.
    for check in checks where results[check.id] == nil && running[check.id] == nil {
      guard check.needs.allSatisfy({ results[$0] != nil }) else { continue }
      if now >= timeout {
        end(check, .unknown, "not begun within \(Self.text(timeout)), the runbook's time", now)
      } else if let obstacle = obstacle(of: check) {
        end(check, .skip, obstacle, now)
      } else if running.count < width {
        running[check.id] = Running(began: now, deadline: now + check.timeout)
        actions.append(.start(check.id))
      }
    }
    if results.count == checks.count {
      isFinished = true
      actions.append(.finish)
    }
    return actions
  }

  private mutating func end(
    _ check: CheckDescription, _ status: CheckStatus, _ message: String, _ now: Duration
  ) {
    results[check.id] = Result(outcome: Outcome(status, message), began: now, ended: now)
  }

  /// "needs HER-004", when a need has not ended well.
  private func obstacle(of check: CheckDescription) -> String? {
    guard !check.needsAnyOutcome else { return nil }
    let missing = check.needs.filter { need in
      switch results[need]?.outcome.status {
      case .pass, .warn: false
      case .fail, .skip, .unknown, nil: true
      }
    }
    return missing.isEmpty ? nil : "needs \(missing.joined(separator: ", "))"
  }

  static func text(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }
}

extension Duration {
  /// Whole milliseconds, rounded down.
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
