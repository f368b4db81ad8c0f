import DiscordAPI
import KubeWatch
package import Logging
import LuaBridge
import ServiceLifecycle

/// The provider: watches managed resources, reconciles them by their rules, and serves its admin
/// address, until it is asked to stop.
package struct Provider: Service {
  private let configuration: ProviderConfiguration
  private let logger: Logger
  private let library: RuleLibrary
  private let seams: ProviderSeams

  /// Loads the rules.
  ///
  /// - Parameter seams: the machine's clocks and network unless given.
  /// - Throws: what is wrong with the scripts; there is no provider without rules.
  package init(
    configuration: ProviderConfiguration, seams: ProviderSeams? = nil, logger: Logger
  ) throws {
    self.configuration = configuration
    self.logger = logger
    self.seams = seams ?? .system(tls: configuration.access.tls)
    library = try RuleLibrary(load: configuration.loadScripts)
  }

  /// Runs until graceful shutdown or cancellation. Work that has begun may finish within the grace
  /// period.
  package func run() async throws {
    let parts = ProviderParts(
      configuration: configuration, seams: seams, library: library, logger: logger)
    logger.info(
      "provider starting",
      metadata: [
        "version": "\(configuration.version)", "server": "\(configuration.access.server)",
        "kinds": "\(library.rules.all.map(\.type.kind).joined(separator: ","))",
        "rules.hash": "\(library.rules.hash)",
      ])
    do {
      try await withTaskExecutorPreference(seams.executor) { try await perform(parts) }
    } catch is CancellationError {
      logger.debug("cancelled")
    }
    parts.connections.shutDown()
    await seams.shutDown()
    logger.info("provider stopped")
  }

  private func perform(_ parts: ProviderParts) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for loop in parts.loops() { group.addTask { try await loop() } }
      // What serves people and reads files must not hold up the rest, nor be held up by it.
      for loop in parts.loopsForPeople() {
        group.addTask(executorPreference: seams.executor.map { _ in globalConcurrentExecutor }) {
          try await loop()
        }
      }
      group.addTask { await work(parts) }
      // The first to end is the work, after the order to stop, or a loop that failed.
      try await group.next()
      await parts.events.drain(within: .milliseconds(500))
      group.cancelAll()
    }
  }

  /// Reconciles until the order to stop, and then until what has begun is done; the Lease is given
  /// back only then.
  private func work(_ parts: ProviderParts) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await lead(parts) }
      group.addTask {
        do { try await gracefulShutdown() } catch { return parts.pool.close() }
        logger.info("stopping: work that has begun is being finished")
        parts.pool.close()
        parts.leadership.close()
        try? await seams.time.sleep(configuration.grace)
      }
      await group.next()
      group.cancelAll()
    }
    await parts.elector?.release(within: .seconds(1))
  }

  /// Only who leads may look into Discord, so only it can try scripts that were saved meanwhile: before
  /// anything is done by the older ones.
  private func takeOver(_ parts: ProviderParts) async {
    guard configuration.leaderElection != nil, configuration.watchedScripts != nil,
      parts.reflectors.allSatisfy({ $0.status.hasSynced || $0.status.isTypeMissing })
    else { return }
    if await parts.deployment.attempt() { parts.watch.wakeAll() }
  }

  /// Works in every term that this process leads; at the end of a term all that has begun is
  /// cancelled, and waited for.
  private func lead(_ parts: ProviderParts) async {
    let reconciler = parts.reconciler
    var last = 0
    while let term = await parts.leadership.term(after: last) {
      last = term
      await takeOver(parts)
      parts.watch.usageChanges.note()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await parts.pool.run(workers: configuration.maximumConcurrent) {
            await reconciler.reconcile($0)
          }
        }
        group.addTask { await parts.leadership.end(of: term) }
        await group.next()
        group.cancelAll()
        await reconciler.cancelShared()
      }
    }
  }
}
