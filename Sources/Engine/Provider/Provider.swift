package import Logging
import ServiceLifecycle
import DiscordAPI
import HTTPTransport
import KubeWatch
import LuaBridge

/// The provider: watches managed resources, reconciles them by their rules, and serves its admin
/// address, until it is asked to stop.
package struct Provider: Service {
  private let configuration: ProviderConfiguration
  private let logger: Logger
  private let library: RuleLibrary

  /// Loads the rules.
  ///
  /// - Throws: what is wrong with the scripts; there is no provider without rules.
  package init(configuration: ProviderConfiguration, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    library = try RuleLibrary(load: configuration.loadScripts, logger: logger)
  }

  /// Runs until graceful shutdown or cancellation. Work that has begun may finish within the grace
  /// period.
  package func run() async throws {
    let parts = ProviderParts(configuration: configuration, library: library, logger: logger)
    logger.info(
      "provider starting",
      metadata: [
        "version": "\(configuration.version)", "server": "\(configuration.access.server)",
        "kinds": "\(library.rules.all.map(\.type.kind).joined(separator: ","))",
        "rules.hash": "\(library.rules.hash)",
      ])
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for loop in parts.loops() { group.addTask { try await loop() } }
        group.addTask { await work(parts) }
        // The first to end is the work, after the order to stop, or a loop that failed.
        try await group.next()
        await parts.events.drain(within: .seconds(1))
        group.cancelAll()
      }
    } catch is CancellationError {
      logger.debug("cancelled")
    }
    parts.connections.shutDown()
    await parts.transport.shutdown()
    await parts.discordTransport.shutdown()
    logger.info("provider stopped")
  }

  /// Reconciles until the order to stop, and then until what has begun is done.
  private func work(_ parts: ProviderParts) async {
    let reconciler = parts.reconciler
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await parts.pool.run(workers: configuration.maximumConcurrent) {
          await reconciler.reconcile($0)
        }
      }
      group.addTask {
        do { try await gracefulShutdown() } catch { return parts.pool.close() }
        logger.info("stopping: work that has begun is being finished")
        parts.pool.close()
        try? await Task.sleep(for: configuration.grace)
      }
      await group.next()
      group.cancelAll()
    }
  }
}
