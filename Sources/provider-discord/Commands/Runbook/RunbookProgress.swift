import Runbooks
import Synchronization

/// A line on standard error that says what is waited for; only where a person looks.
final class RunbookProgress: RunbookRunner.Observer {
  private let total: Int
  private let isShown = Terminal.isStandardError
  private let done = Mutex(0)

  init(total: Int) {
    self.total = total
  }

  func say(_ text: String) {
    guard isShown else { return }
    StandardError.write("\r\u{1B}[K\(text) …")
  }

  func clear() {
    guard isShown else { return }
    StandardError.write("\r\u{1B}[K")
  }

  func ended(
    _ check: CheckDescription, of runbook: RunbookDescription, with outcome: Outcome
  ) {
    let count = done.withLock {
      $0 += 1
      return $0
    }
    say("\(count) of \(total) checks, last \(check.id) \(outcome.status.sign) \(check.title)")
  }

  func happened(_ event: RunbookRunner.RunEvent, in runbook: String) {}
}
