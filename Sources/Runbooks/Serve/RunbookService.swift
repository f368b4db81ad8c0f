package import Engine
package import Logging
import ServiceLifecycle
import Synchronization

/// Runs what the `AlertDesk` decides, until the service ends: what has begun is finished first.
package final class RunbookService: Service, Sendable {
  /// What the service does with a run; replaced in tests.
  package struct Seams: Sendable {
    /// Runs a runbook.
    package var run: @Sendable (RunbookJob) async throws -> ReportSummary
    /// Passes its report on.
    package var publish: @Sendable (ReportSummary, RunbookJob) async -> Void

    /// Puts seams together.
    package init(
      run: @escaping @Sendable (RunbookJob) async throws -> ReportSummary,
      publish: @escaping @Sendable (ReportSummary, RunbookJob) async -> Void
    ) {
      self.run = run
      self.publish = publish
    }
  }

  private let desk: Mutex<AlertDesk>
  private let time: TimeSource
  private let seams: Seams
  private let metrics: RunbookMetrics
  private let logger: Logger
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  /// A service that has not begun.
  package init(
    desk: AlertDesk, time: TimeSource, seams: Seams, metrics: RunbookMetrics, logger: Logger
  ) {
    self.desk = Mutex(desk)
    self.time = time
    self.seams = seams
    self.metrics = metrics
    self.logger = logger
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes the alerts of a message. Returns at once.
  package func receive(_ alerts: [Alert]) -> AlertDesk.Answer {
    let (answer, length) = desk.withLock {
      ($0.receive(alerts, now: time.uptime()), $0.queueLength)
    }
    metrics.received(answer)
    metrics.waiting(length)
    wake.yield()
    return answer
  }

  /// Counts a message that could not be read.
  package func refused() { metrics.refused() }

  /// Takes another generation of runbooks.
  package func update(alerts: [String: String]) { desk.withLock { $0.update(alerts: alerts) } }

  /// Works until graceful shutdown.
  package func run() async throws {
    await withGracefulShutdownHandler {
      await work()
    } onGracefulShutdown: {
      self.desk.withLock { $0.stop() }
      self.wake.finish()
    }
  }

  private func work() async {
    await withDiscardingTaskGroup { group in
      var timer: Task<Void, Never>?
      func round() {
        let (jobs, due, length) = desk.withLock {
          let jobs = $0.start(now: time.uptime())
          return (jobs, $0.nextDue, $0.queueLength)
        }
        metrics.waiting(length)
        for job in jobs { group.addTask { await self.carryOut(job) } }
        timer?.cancel()
        timer = due.map { due in
          Task { [time, wake] in
            guard (try? await time.sleep(max(due - time.uptime(), .zero))) != nil else { return }
            wake.yield()
          }
        }
      }
      round()
      for await _ in wakes { round() }
      timer?.cancel()
    }
  }

  private func carryOut(_ job: RunbookJob) async {
    logger.info(
      "runbook begins",
      metadata: [
        "runbook": "\(job.runbook)", "trigger": "\(job.trigger.rawValue)",
        "alerts": "\(job.alerts.count)",
      ])
    let begin = time.uptime()
    var verdict = "error"
    do {
      let report = try await seams.run(job)
      verdict = report.verdict
      await seams.publish(report, job)
    } catch {
      logger.error(
        "runbook gave no report", metadata: ["runbook": "\(job.runbook)", "error": "\(error)"])
    }
    let seconds = (time.uptime() - begin).inSeconds
    metrics.ended(
      job, verdict: verdict, seconds: seconds, unixTime: Double(time.wallMilliseconds()) / 1000)
    logger.info(
      "runbook ended",
      metadata: ["runbook": "\(job.runbook)", "verdict": "\(verdict)", "seconds": "\(seconds)"])
    desk.withLock { $0.finished(job) }
    wake.yield()
  }
}
