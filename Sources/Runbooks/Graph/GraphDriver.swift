import Engine
import Synchronization

/// Performs what a `CheckGraph` decides: starts checks, watches the clock.
struct GraphDriver: Sendable {
  /// What happened to a graph, in order; a replay feeds it again.
  enum Event: Sendable, Hashable {
    case finished(String)
    case tick
  }

  let time: TimeSource
  /// Runs a check with the results of what it needs.
  let run: @Sendable (CheckDescription, [String: CheckGraph.Result]) async -> Outcome
  /// Learns of each event, with the time since the beginning.
  let note: @Sendable (Event, Duration) -> Void
  /// Learns of each outcome.
  let progress: @Sendable (CheckDescription, Outcome) -> Void

  /// Drives a graph to its end.
  func drive(_ checks: [CheckDescription], timeout: Duration) async -> [String: CheckGraph.Result] {
    var graph = CheckGraph(checks: checks, timeout: timeout)
    let byID = Dictionary(checks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let origin = time.uptime()
    let (arrivals, arrive) = AsyncStream<Arrival>.makeStream()
    var tasks: [String: Task<Void, Never>] = [:]
    var timer: Task<Void, Never>?
    defer {
      timer?.cancel()
      for task in tasks.values { task.cancel() }
    }
    func perform(_ actions: [CheckGraph.Action]) -> Bool {
      for action in actions {
        switch action {
        case .start(let id):
          guard let check = byID[id] else { continue }
          let results = graph.results
          // Not a child task: what does not heed its cancellation must not hold up the report.
          tasks[id] = Task { [run] in
            arrive.yield(.outcome(id, await run(check, results)))
          }
        case .cancel(let id):
          tasks[id]?.cancel()
          tasks[id] = nil
        case .finish: return true
        }
      }
      timer?.cancel()
      if let deadline = graph.nextDeadline {
        let wait = deadline - (time.uptime() - origin)
        timer = Task { [time] in
          do { try await time.sleep(max(.zero, wait)) } catch { return }
          arrive.yield(.deadline)
        }
      }
      return false
    }
    var shown: Set<String> = []
    func show() {
      for check in checks where !shown.contains(check.id) {
        guard let result = graph.results[check.id] else { continue }
        shown.insert(check.id)
        progress(check, result.outcome)
      }
    }
    var isDone = perform(graph.begin())
    if !isDone {
      for await arrival in arrivals {
        // Whole milliseconds, as a recording has them, or a replay would add up differently.
        let now = Duration.milliseconds((time.uptime() - origin).wholeMilliseconds)
        switch arrival {
        case .outcome(let id, let outcome):
          guard graph.results[id] == nil else { continue }
          note(.finished(id), now)
          isDone = perform(graph.finished(id, with: outcome, at: now))
        case .deadline:
          // Rounded down, the deadline itself may lie a fraction ahead.
          let now = max(now, graph.nextDeadline.map { min($0, now + .milliseconds(1)) } ?? now)
          note(.tick, now)
          isDone = perform(graph.tick(at: now))
        }
        show()
        if isDone { break }
      }
    }
    show()
    return graph.results
  }

  private enum Arrival: Sendable {
    case outcome(String, Outcome)
    case deadline
  }

  /// Feeds a graph the events of a recording; the clock is the recording's.
  func replay(
    _ checks: [CheckDescription], timeout: Duration, events: [(event: Event, at: Duration)]
  ) async -> [String: CheckGraph.Result] {
    var graph = CheckGraph(checks: checks, timeout: timeout)
    let byID = Dictionary(checks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var startedWith: [String: [String: CheckGraph.Result]] = [:]
    func perform(_ actions: [CheckGraph.Action]) {
      for case .start(let id) in actions { startedWith[id] = graph.results }
    }
    perform(graph.begin())
    var last = Duration.zero
    for (event, at) in events {
      last = at
      switch event {
      case .finished(let id):
        guard let check = byID[id], let results = startedWith.removeValue(forKey: id) else {
          continue
        }
        perform(graph.finished(id, with: await run(check, results), at: at))
      case .tick:
        perform(graph.tick(at: at))
      }
    }
    // Checks that the recording does not know run as well: their answers are missing, which shows.
    while let id = checks.first(where: {
      startedWith[$0.id] != nil && graph.results[$0.id] == nil
    })?.id, let check = byID[id], let results = startedWith.removeValue(forKey: id) {
      perform(graph.finished(id, with: await run(check, results), at: last))
    }
    return graph.results
  }
}
