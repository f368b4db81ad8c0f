import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Sandbox
import ServiceLifecycle

/// The provider of the sandbox: starts once the servers beside it listen, and once the cluster has
/// the credentials for the simulated Discord.
struct SandboxedProvider: Service {
  let options: ProviderOptions
  let kubeconfigPath: String
  let discord: DiscordSimulator
  let cluster: KubeAPIServer
  let ports: AsyncStream<Int>
  let logger: Logger

  func run() async throws {
    let addresses = try await discord.addresses()
    guard let port = await ports.first(where: { _ in true }) else { return }
    try TextFile.write(cluster.kubeconfig(port: port), to: kubeconfigPath)
    let access = try ClusterAccess.kubeconfig(path: kubeconfigPath, context: nil)
    try await addCredentials(to: access, baseURL: addresses.api)
    let transport = CurlTransport(tls: access.tls)
    let workload = SandboxWorkload(
      kube: KubeClient(
        access: access, transport: transport, version: ProviderDiscord.version),
      port: options.address(in: .sandbox).port)
    try await workload.create(now: .now())
    if let control = addresses.control { try await makeGuild(at: control) }
    announce(access, addresses)
    let configuration = try options.configuration(access: access, in: .sandbox)
    let usage = Task { await workload.reportUsage(every: .seconds(15)) }
    defer { usage.cancel() }
    try await Provider(configuration: configuration, logger: logger).run()
    await transport.shutdown()
  }

  private func announce(_ access: ClusterAccess, _ addresses: DiscordSimulatorAddresses) {
    print("Kubernetes API  \(access.server)")
    print("Discord API     \(addresses.api)   token \(DiscordWorld.sandboxToken)")
    if let control = addresses.control { print("control API     \(control)") }
    let admin = options.address(in: .sandbox)
    print("health          http://\(admin)/readyz")
    if options.showsStatusPage(in: .sandbox) { print("status page     http://\(admin)/") }
    print("kubeconfig      \(kubeconfigPath)")
    print("")
    print("  export KUBECONFIG=\(kubeconfigPath)")
    print("  kubectl apply -f examples/quickstart && kubectl get discord -A")
    Terminal.flush()
  }

  /// The guild of `examples/quickstart`: a bot cannot make one, its owner does in Discord.
  private func makeGuild(at control: String) async throws {
    let transport = CurlTransport()
    let body: JSONValue = ["name": "Example Guild"]
    _ = try await transport.send(
      HTTPRequest(
        method: "POST", url: control + "/guilds", headers: ["Content-Type": "application/json"],
        body: body.serialized()))
    await transport.shutdown()
  }

  /// A Secret and the ProviderConfig `default`, as a user would make them.
  private func addCredentials(to access: ClusterAccess, baseURL: String) async throws {
    let transport = CurlTransport(tls: access.tls)
    let kube = KubeClient(access: access, transport: transport, version: ProviderDiscord.version)
    let namespace = "crossplane-system"
    let secret: JSONValue = [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": ["name": "discord-credentials", "namespace": .string(namespace)],
      "stringData": ["token": .string(DiscordWorld.sandboxToken)],
    ]
    let config: JSONValue = [
      "apiVersion": "discord.crossplane.io/v1alpha1", "kind": "ProviderConfig",
      "metadata": ["name": "default"],
      "spec": [
        "baseURL": .string(baseURL),
        "credentials": [
          "source": "Secret",
          "secretRef": [
            "namespace": .string(namespace), "name": "discord-credentials", "key": "token",
          ],
        ],
      ],
    ]
    _ = try await kube.create(.secrets, namespace: namespace, body: secret.serialized())
    _ = try await kube.create(
      ResourceType(
        group: "discord.crossplane.io", version: "v1alpha1", kind: "ProviderConfig",
        plural: "providerconfigs", isNamespaced: false),
      body: config.serialized())
    await transport.shutdown()
  }
}
