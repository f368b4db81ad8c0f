/// Decides which alerts lead to a run, and when: no alert twice, one run of a runbook at a time, a
/// queue with an end, and the schedule. Without a clock: the time comes with each call.
package struct AlertDesk: Sendable {
  /// What bounds it.
  package struct Limits: Sendable {
    /// Runs that wait.
    package var queue = 32
    /// Runs at once.
    package var running = 2
    /// Alerts that are remembered.
    package var remembered = 4_096
    /// How long an alert is remembered after Alertmanager last sent it. Its `repeat_interval` is
    /// four hours unless set.
    package var memory: Duration = .seconds(26 * 3600)

    /// The usual bounds.
    package init() {}
  }

  /// What became of the alerts of one message.
  package struct Answer: Sendable, Hashable {
    /// Each leads to a run, its own or one that waits already.
    package var accepted = 0
    /// Known already.
    package var duplicates = 0
    /// Names of alerts that no runbook answers.
    package var unknown: [String] = []
    /// The queue was full; it is worth sending them again.
    package var refused = 0

    /// Nothing yet.
    package init() {}
  }

  private let limits: Limits
  private var runbooksByAlert: [String: String]
  private var remembered: [String: Duration] = [:]
  private var waiting: [RunbookJob] = []
  private var running: [Int: String] = [:]
  private var schedule: [(runbook: String, interval: Duration, due: Duration)] = []
  private var count = 0
  private var isStopped = false

  /// - Parameters:
  ///   - alerts: the runbook that answers each alert.
  ///   - scheduled: the runbooks that run every `interval`, the first time at once.
  package init(
    alerts: [String: String], scheduled: [String] = [], interval: Duration? = nil,
    now: Duration, limits: Limits = Limits()
  ) {
    runbooksByAlert = alerts
    self.limits = limits
    if let interval { schedule = scheduled.map { ($0, interval, now) } }
  }

  /// How many runs wait.
  package var queueLength: Int { waiting.count }

  /// Takes another generation of runbooks.
  package mutating func update(alerts: [String: String]) { runbooksByAlert = alerts }

  /// Takes the alerts of a message.
  package mutating func receive(_ alerts: [Alert], now: Duration) -> Answer {
    forget(now)
    var answer = Answer()
    for alert in alerts {
      guard let runbook = runbooksByAlert[alert.name] else {
        answer.unknown.append(alert.name)
        continue
      }
      if remembered[alert.identity] != nil {
        remembered[alert.identity] = now
        answer.duplicates += 1
        continue
      }
      let trigger = alert.status == .firing ? RunbookJob.Trigger.alert : .resolved
      guard enqueue(runbook, trigger, alert) else {
        answer.refused += 1
        continue
      }
      remembered[alert.identity] = now
      answer.accepted += 1
    }
    return answer
  }

  /// The runs that are to begin now.
  package mutating func start(now: Duration) -> [RunbookJob] {
    guard !isStopped else { return [] }
    for position in schedule.indices where schedule[position].due <= now {
      let entry = schedule[position]
      // Beats that were missed are not made up for.
      while schedule[position].due <= now { schedule[position].due += entry.interval }
      let isUnderWay =
        running.values.contains(entry.runbook) || waiting.contains { $0.runbook == entry.runbook }
      if !isUnderWay { _ = enqueue(entry.runbook, .schedule, nil) }
    }
    var started: [RunbookJob] = []
    while running.count < limits.running,
      let position = waiting.firstIndex(where: { !running.values.contains($0.runbook) })
    {
      let job = waiting.remove(at: position)
      running[job.number] = job.runbook
      started.append(job)
    }
    return started
  }

  /// A run has ended.
  package mutating func finished(_ job: RunbookJob) { running[job.number] = nil }

  /// When `start` is to be called although nothing happened; nil when only an event can change
  /// something.
  package var nextDue: Duration? { isStopped ? nil : schedule.map(\.due).min() }

  /// Starts nothing more; what runs goes on.
  package mutating func stop() {
    isStopped = true
    waiting.removeAll()
  }

  private mutating func enqueue(
    _ runbook: String, _ trigger: RunbookJob.Trigger, _ alert: Alert?
  ) -> Bool {
    guard !isStopped else { return false }
    // One run answers all alerts that came before it began.
    if let position = waiting.firstIndex(where: { $0.runbook == runbook && $0.trigger == trigger })
    {
      if let alert, waiting[position].alerts.count < 100 { waiting[position].alerts.append(alert) }
      return true
    }
    guard waiting.count < limits.queue else { return false }
    count += 1
    waiting.append(
      RunbookJob(
        number: count, runbook: runbook, trigger: trigger, alerts: alert.map { [$0] } ?? []))
    return true
  }

  private mutating func forget(_ now: Duration) {
    remembered = remembered.filter { now - $0.value < limits.memory }
    guard remembered.count >= limits.remembered else { return }
    let old = remembered.sorted { $0.value < $1.value }
      .prefix(remembered.count - limits.remembered / 2)
    for (identity, _) in old { remembered[identity] = nil }
  }
}
