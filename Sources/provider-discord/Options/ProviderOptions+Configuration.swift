import ArgumentParser
import DiscordAPI
import Engine
import KubeWatch
import LuaBridge

extension ProviderOptions {
  /// The provider's configuration for a cluster.
  ///
  /// - Parameter surroundings: decide what holds where nobody said.
  func configuration(
    access: ClusterAccess, in surroundings: ProviderSurroundings
  ) throws -> ProviderConfiguration {
    guard let shippedFolder = ShippedFiles.scripts() else {
      throw ValidationError(
        "the shipped rules are not beside the binary: give --scripts DIR, or keep the folder scripts/ "
          + "next to provider-discord")
    }
    guard let interval = GoDuration.parse(poll) else {
      throw ValidationError("--poll is not valid")
    }
    let own = scripts ?? EnvironmentDefault.optional("scripts")
    var configuration = ProviderConfiguration(
      access: access, listen: address(in: surroundings), version: ProviderDiscord.version,
      loadScripts: { live in
        let shipped = try ScriptSource.read(directory: shippedFolder)
        return try ScriptCandidate(
          directory: own ?? shippedFolder, shipped: shipped, live: live)
      })
    configuration.namespaces = namespace
    configuration.poll = interval
    configuration.maximumConcurrent = maxConcurrent
    configuration.servesStatusPage = showsStatusPage(in: surroundings)
    configuration.runbookReports =
      runbookReports ?? EnvironmentDefault.optional("runbook-reports")
    if let policy = DeploymentPolicy(reloadLimit) { configuration.deployment = policy }
    // A binary without its definitions checks the fields of a spec against nothing.
    if ShippedFiles.customResourceDefinitions() != nil {
      configuration.schemas = { try CustomResources.schemas(in: nil) }
    }
    configuration.limits = try budgets.limits()
    configuration.record = try recording.store()
    configuration.watchedScripts = own ?? shippedFolder
    configuration.discord.breaker = try breakers.breaker()
    configuration.discord.version = ProviderDiscord.version
    return configuration
  }
}
