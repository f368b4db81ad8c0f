import Foundation
import JSONValue

/// One test's own corner: a namespace, a ProviderConfig, a simulated guild, and a provider.
struct World: Sendable {
  let server: Server
  let kubectl: Kubectl
  let guild: SimulatedGuild
  let manifests: Manifests
  let baseURL: String
  let folder: String
  let scripts: String
  /// The provider's process of its own; nil in the sandbox, where it is a part of the one process.
  let provider: ProviderProcess?
  /// The process in which the provider runs now.
  let host: @Sendable () -> SpawnedProcess
  let http: LoopbackHTTP

  var control: SimulatorControl { guild.control }
  var namespace: String { manifests.namespace }
  var log: String { host().log }

  /// What a test may choose.
  struct Options: Sendable {
    var poll = "2s"
    /// A folder laid out as `scripts/`, in place of the checkout's.
    var scripts: String?
    /// The simulator's rate limits; most tests are about something else.
    var limits = "none"
    /// Whether the Secret and the ProviderConfig are applied.
    var credentials = true
    var extra: [String] = []
  }

  /// Makes a world, runs the test in it and ends its processes. When the test fails, the end of the
  /// provider's log is printed.
  static func run(
    on server: Server = .kubeAPIServer, _ options: Options = Options(),
    _ test: (World) async throws -> Void
  ) async throws {
    let name = "t-" + UUID().uuidString.prefix(8).lowercased()
    let folder = try RunFolder.make(name)
    let scripts = options.scripts ?? Checkout.scripts
    let guildName = "Guild \(name)"
    let manifests = Manifests(namespace: name, providerConfig: name, guildName: guildName)

    let world: World
    var processes: [SpawnedProcess] = []
    defer { processes.forEach { $0.killNow() } }
    switch server {
    case .kubeAPIServer:
      let plane = try await ControlPlane.shared()
      let simulator = try await SimulatorProcess(folder: folder)
      processes.append(simulator.process)
      let kubectl = Kubectl(kubeconfig: plane.adminKubeconfig, namespace: name)
      try await kubectl.run(["create", "namespace", name])
      let provider = try ProviderProcess(
        kubeconfig: plane.providerKubeconfig, namespace: name, folder: folder,
        poll: options.poll, scripts: scripts, extra: options.extra)
      world = World(
        server: server, kubectl: kubectl,
        guild: try await simulator.control.makeGuild(named: guildName),
        manifests: manifests, baseURL: simulator.baseURL, folder: folder, scripts: scripts,
        provider: provider, host: { provider.process }, http: provider.http)
    case .sandbox:
      let sandbox = try await SandboxProcess(
        folder: folder, poll: options.poll, scripts: scripts, extra: options.extra)
      processes.append(sandbox.process)
      let kubectl = Kubectl(kubeconfig: sandbox.kubeconfig, namespace: name)
      try await kubectl.run(["create", "namespace", name])
      world = World(
        server: server, kubectl: kubectl,
        guild: try await sandbox.control.makeGuild(named: guildName),
        manifests: manifests, baseURL: sandbox.baseURL, folder: folder, scripts: scripts,
        provider: nil, host: { sandbox.process }, http: sandbox.http)
    }
    defer { world.host().killNow() }
    do {
      try await world.control.setLimits(mode: options.limits)
      if options.credentials {
        try await world.kubectl.apply([
          manifests.secret(token: SimulatorControl.seededToken),
          manifests.config(baseURL: world.baseURL),
        ])
      }
      try await world.provider?.waitUntilReady()
      try await test(world)
      await OutputRecord.keep(world)
    } catch {
      await OutputRecord.keep(world)
      print("--- end of the provider's log in \(name) on \(server)\n\(world.log.suffix(8000))\n---")
      throw error
    }
  }
}
