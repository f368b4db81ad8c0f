/// What went wrong in many runs, and what came of it.
struct FaultTotals: Sendable, CustomStringConvertible {
  private var drawn: [Fate: Int] = [:]
  private var runs = 0
  private var ready = 0
  private var stopped = 0
  private var waiting = 0
  private var duplicates = 0
  private var orphans = 0
  private(set) var faults = 0
  /// Creates in Discord whose sender did not learn what came of them.
  private(set) var interruptedCreates = 0
  /// How often the provider looked into the audit log.
  private(set) var logReads = 0
  /// Runs whose audit log was late, and by how much at most, in milliseconds.
  private(set) var lateLogs = 0
  private var latest = 0
  /// Runs whose bot could not read it.
  private(set) var forbiddenLogs = 0

  /// How often a fault was drawn.
  func count(of fate: Fate) -> Int { drawn[fate, default: 0] }

  /// Adds a run.
  mutating func add(
    _ fates: [(fate: Fate, request: Outgoing)], _ audit: Audit, logReads: Int, logDelay: Int,
    mayReadLog: Bool
  ) {
    runs += 1
    faults += fates.count
    for (fate, request) in fates {
      drawn[fate, default: 0] += 1
      let isCreate = request.server == .discord && request.method == "POST"
      if isCreate, fate != .refused, fate != .crashBefore { interruptedCreates += 1 }
    }
    self.logReads += logReads
    if logDelay > 0 { lateLogs += 1 }
    latest = max(latest, logDelay)
    if !mayReadLog { forbiddenLogs += 1 }
    ready += audit.objects - audit.stopped.count - audit.waiting.count
    stopped += audit.stopped.count
    waiting += audit.waiting.count
    duplicates += audit.duplicates.count
    orphans += audit.orphans.count
  }

  private func sum(_ isCounted: (Fate) -> Bool) -> Int {
    drawn.reduce(0) { isCounted($1.key) ? $0 + $1.value : $0 }
  }

  var description: String {
    let before = sum { if case .statusBefore = $0 { true } else { false } }
    let after = sum { if case .statusAfter = $0 { true } else { false } }
    return """
      random faults: \(faults) in \(runs) runs: \(count(of: .resetAfter)) answers lost after the request \
      was performed, \(after) 5xx after it, \(count(of: .resetBefore)) resets and \(before) 5xx before \
      it, \(count(of: .refused)) refused connections, \
      \(count(of: .crashBefore) + count(of: .crashAfter)) kills (\(count(of: .crashBefore)) before a \
      request, \(count(of: .crashAfter)) before its answer)
      random faults: \(interruptedCreates) creates in Discord without an answer, \(logReads) looks into \
      the audit log; \(lateLogs) runs with a late one (to \(Double(latest) / 1_000) s), \
      \(forbiddenLogs) without the right to read it
      random faults: \(duplicates) duplicates, \(orphans) orphans, \(ready) objects Ready, \
      \(stopped) stopped with Crossplane's condition, \(waiting) waiting for one of those
      """
  }
}
