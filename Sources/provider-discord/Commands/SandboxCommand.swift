import ArgumentParser
import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Sandbox
import ServiceLifecycle

/// `provider-discord sandbox`
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Try everything out in one process: Kubernetes API, Discord simulator and provider.",
    discussion: """
      Starts a Kubernetes API server in memory, a Discord simulator and the provider, and writes a \
      kubeconfig. An unmodified kubectl works with it. Nothing leaves this machine, and nothing is \
      kept when it ends.

      EXAMPLES
        Start it, and in another terminal:
          provider-discord sandbox
          export KUBECONFIG=$PWD/sandbox.kubeconfig
          kubectl apply -f examples/quickstart
          kubectl get discord -A

        Change a rule while it runs:
          cp -r scripts my-scripts
          provider-discord sandbox --scripts my-scripts
          $EDITOR my-scripts/resources/channel.lua

      EXIT CODES
        0  ended as asked (SIGTERM, SIGINT)
        1  could not start or go on; the last line on standard error says why
        64 the command line is wrong
      """)

  @Option(help: ArgumentHelp("Where the kubeconfig is written.", valueName: "file"))
  var kubeconfigOut: String = EnvironmentDefault.text("kubeconfig-out", "sandbox.kubeconfig")

  @Option(
    help: ArgumentHelp(
      "Address of the Kubernetes API; port 0: any free one.", valueName: "host:port"))
  var kubeListen: String = EnvironmentDefault.text("kube-listen", "127.0.0.1:0")

  @Option(
    help: ArgumentHelp(
      "Address of the simulated Discord; port 0: any free one.", valueName: "host:port"))
  var discordListen: String = EnvironmentDefault.text("discord-listen", "127.0.0.1:0")

  @Option(
    help: ArgumentHelp(
      "Address of the simulator's control API; port 0: any free one.", valueName: "host:port"))
  var controlListen: String = EnvironmentDefault.text("control-listen", "127.0.0.1:0")

  @OptionGroup var simulator: SimulatorOptions
  @OptionGroup var options: ProviderOptions

  func validate() throws {
    for (text, name) in [
      (kubeListen, "--kube-listen"), (discordListen, "--discord-listen"),
      (controlListen, "--control-listen"),
    ] { _ = try DiscordSimCommand.loopback(text, name) }
    let health = options.address(in: .sandbox)
    guard health.port != 0 else {
      throw ValidationError(
        "--listen \(health): the Pod that stands for the sandbox names its port before anything "
          + "listens: give one, such as 127.0.0.1:8080")
    }
  }

  func run() async throws {
    let lines = RecentLines()
    let logger = options.log.logger(alsoTo: { lines.add($0) })
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let discordAddress = try DiscordSimCommand.loopback(discordListen, "--discord-listen")
    let controlAddress = try DiscordSimCommand.loopback(controlListen, "--control-listen")
    let discord = DiscordSimulator(
      configuration: try simulator.configuration(
        host: discordAddress.host, port: discordAddress.port, controlPort: controlAddress.port),
      logger: quiet)
    let (ports, announcePort) = AsyncStream<Int>.makeStream()
    let cluster = try cluster(logger: quiet, lines: lines) { announcePort.yield($0) }
    let provider = SandboxedProvider(
      options: options, kubeconfigPath: kubeconfigOut, discord: discord, cluster: cluster,
      ports: ports, logger: logger)
    try await Services.run([discord, cluster, provider], logger: logger)
  }

  private func cluster(
    logger: Logger, lines: RecentLines, onListening: @escaping @Sendable (Int) -> Void
  ) throws -> KubeAPIServer {
    guard let folder = ShippedFiles.customResourceDefinitions() else {
      throw ValidationError(
        "the CustomResourceDefinitions are not beside the binary: keep the folder crds/ next to "
          + "provider-discord")
    }
    let texts = try TextFile.names(in: folder).filter { $0.hasSuffix(".yaml") }
      .map { try TextFile.read("\(folder)/\($0)") }
    let address = try DiscordSimCommand.loopback(kubeListen, "--kube-listen")
    var configuration = KubeAPIServer.Configuration(
      address: address.host, port: address.port, customResourceDefinitions: texts)
    configuration.pods = podBackend(lines)
    return try KubeAPIServer(
      configuration: configuration, logger: logger, onListening: onListening)
  }

  /// The log and the port of the Pod that stands for this process.
  private func podBackend(_ lines: RecentLines) -> PodBackend {
    let transport = CurlTransport()
    let port = options.address(in: .sandbox).port
    return PodBackend(
      lines: { lines.all },
      send: { method, path, body in
        var request = HTTPRequest(
          method: method, url: "http://127.0.0.1:\(port)\(path)",
          body: method == "GET" ? nil : body, timeout: .seconds(8))
        request.headers.add("Content-Type", "application/json")
        guard let response = try? await transport.send(request) else { return nil }
        return KubeReply(
          status: response.status,
          contentType: response.headers["Content-Type"] ?? "application/octet-stream",
          body: response.body)
      })
  }
}
