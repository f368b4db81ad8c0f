import KubeWatch
package import Logging

/// What rules would do in a cluster, without a provider: reads the cluster and Discord, writes nothing.
package struct RulePreview: Sendable {
  /// Why there is no preview.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Time for the first lists and the Secrets.
  private static let patience = Duration.seconds(20)
  /// Time for the lists when all that came was errors.
  private static let patienceWithErrors = Duration.seconds(4)

  private let configuration: ProviderConfiguration
  private let seams: ProviderSeams
  private let logger: Logger

  /// Prepares a preview.
  ///
  /// - Parameter seams: the machine's clocks and network unless given.
  package init(
    configuration: ProviderConfiguration, seams: ProviderSeams? = nil, logger: Logger
  ) {
    self.configuration = configuration
    self.seams = seams ?? .system(tls: configuration.access.tls)
    self.logger = logger
  }

  /// The plan, and the hash of the scripts that it is about.
  ///
  /// - Throws: what is wrong with the scripts, or ``Failure`` when the cluster can't be read.
  package func plan() async throws -> (plan: RulePlan, hash: String) {
    let library = try RuleLibrary(load: configuration.loadScripts)
    let parts = ProviderParts(
      configuration: configuration, seams: seams, library: library, logger: logger)
    let reflectors = parts.reflectors + [parts.configReflector]
    do {
      let plan = try await withThrowingTaskGroup(of: RulePlan?.self) { group in
        for reflector in reflectors {
          group.addTask {
            await reflector.run()
            return nil
          }
        }
        group.addTask {
          try await waitUntilKnown(parts)
          return await parts.planner.plan(library.rules)
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
          if let result { return result }
        }
        throw CancellationError()
      }
      await end(parts)
      return (plan, library.rules.hash)
    } catch {
      await end(parts)
      throw error
    }
  }

  private func end(_ parts: ProviderParts) async {
    parts.connections.shutDown()
    await seams.shutDown()
  }

  /// Waits for the first lists and then for the Secrets that the objects' ProviderConfigs name.
  private func waitUntilKnown(_ parts: ProviderParts) async throws {
    let began = seams.time.uptime()
    let end = began + Self.patience
    let reflectors = parts.reflectors + [parts.configReflector]
    while let late = reflectors.first(where: { !$0.status.hasSynced }) {
      let limit = late.status.lastError == nil ? Self.patience : Self.patienceWithErrors
      guard seams.time.uptime() < began + limit else {
        throw Failure(
          description: "\(late.type.plural) can't be listed at \(configuration.access.server): "
            + (late.status.lastError.map { "\($0)" } ?? "no answer"))
      }
      try await seams.time.sleep(.milliseconds(20))
    }
    parts.connections.synced()
    while seams.time.uptime() < end, isReadingCredentials(parts) {
      try await seams.time.sleep(.milliseconds(20))
    }
  }

  private func isReadingCredentials(_ parts: ProviderParts) -> Bool {
    parts.resources.all.contains { entry in
      entry.objects.contains { object in
        guard let resource = try? ManagedResource(object) else { return false }
        let name = resource.providerConfigName
        if case .notYet = parts.connections.connection(for: name, isDeleting: false) {
          return true
        }
        return false
      }
    }
  }
}
