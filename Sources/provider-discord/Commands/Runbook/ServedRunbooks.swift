import Engine
import KubeWatch
import Logging
import LuaBridge
import Runbooks
import ServiceLifecycle
import Synchronization

/// The runbooks that `serve` runs: the last generation that was right.
final class ServedRunbooks: Sendable {
  private let library: Mutex<RunbookLibrary>
  private let scripts: RunbookScripts
  private let world: RunbookWorldOptions

  init(_ library: RunbookLibrary, scripts: RunbookScripts, world: RunbookWorldOptions) {
    self.library = Mutex(library)
    self.scripts = scripts
    self.world = world
  }

  /// The folder that is watched; nil for the shipped runbooks alone.
  var folder: String? { scripts.scripts ?? EnvironmentDefault.optional("scripts") }

  /// Loads the scripts anew.
  ///
  /// - Returns: the runbook that answers each alert.
  func reload() throws -> [String: String] {
    let fresh = try scripts.library()
    library.withLock { $0 = fresh }
    return fresh.runbooksByAlert
  }

  /// Runs a job's runbook, with the world as it is now.
  func run(_ job: RunbookJob) async throws -> ReportSummary {
    guard let runbook = library.withLock({ $0.runbook(job.runbook) }) else {
      throw RemediationError("there is no runbook \(job.runbook) any more")
    }
    let session = try await world.session(alert: job.alerts.first?.json)
    let runner = RunbookRunner(
      answers: session.world, situation: session.situation, time: .system())
    let report = await runner.run([runbook])
    await session.shutdown()
    guard let summary = ReportSummary(report) else {
      throw RemediationError("the run of \(job.runbook) gave no report")
    }
    return summary
  }
}

extension RunbookLibrary {
  /// The id of the runbook that answers each alert.
  var runbooksByAlert: [String: String] {
    Dictionary(
      runbooks.flatMap { runbook in runbook.alerts.map { ($0, runbook.id) } },
      uniquingKeysWith: { first, _ in first })
  }
}

/// Takes scripts that were saved. What is wrong leaves the last good generation running.
struct ScriptReloading: Service {
  let served: ServedRunbooks
  let service: RunbookService
  let logger: Logger

  func run() async throws {
    guard let folder = served.folder else { return try await gracefulShutdown() }
    let watcher = ScriptDirectoryWatcher(directory: folder)
    for await _ in watcher.cancelOnGracefulShutdown() {
      do {
        service.update(alerts: try served.reload())
        logger.info("runbooks reloaded", metadata: ["folder": "\(folder)"])
      } catch {
        logger.error(
          "the runbooks on disk are wrong: the last good ones stay", metadata: ["error": "\(error)"]
        )
      }
    }
  }
}

/// Writes Events until the end, and then what still waits.
struct EventWriting: Service {
  let events: EventRecorder

  func run() async throws {
    await withGracefulShutdownHandler {
      await events.run()
    } onGracefulShutdown: {
      Task { await events.drain(within: .seconds(3)) }
    }
  }
}
