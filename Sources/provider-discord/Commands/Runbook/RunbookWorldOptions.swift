import ArgumentParser
import Engine
import JSONValue
import KubeWatch
import Runbooks

/// Where the facts of a run come from.
struct RunbookWorldOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The kubeconfig file.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The kubeconfig's context.", valueName: "name"))
  var context: String?

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp(
      "The provider's namespace; crossplane-system without it.", valueName: "name"))
  var namespace: String?

  @Option(
    help: ArgumentHelp(
      "A Prometheus server, such as http://127.0.0.1:9090; without it /metrics is scraped twice.",
      valueName: "url"))
  var prometheus: String?

  @Option(
    help: ArgumentHelp(
      "The provider's own port, such as http://127.0.0.1:8080; without it the API server's proxy "
        + "to its Pod is used.", valueName: "url"))
  var provider: String?

  @Option(
    help: ArgumentHelp(
      "YAML with thresholds, contacts and names; what it leaves out is as in the shipped "
        + "scripts/runbooks/values.yaml.",
      valueName: "file"))
  var values: String?

  @Option(help: ArgumentHelp("How far back to look.", valueName: "duration"))
  var since: String = "1h"

  @Option(help: ArgumentHelp("A backup's folder, for disaster-recovery.", valueName: "dir"))
  var backup: String?

  @Option(
    help: ArgumentHelp("Time between two scrapes of /metrics.", valueName: "duration"))
  var sample: String = "1s"

  mutating func validate() throws {
    guard GoDuration.parse(since).map({ $0 >= .seconds(1) }) == true else {
      throw ValidationError("--since \(since) is not a duration of at least 1s, such as 30m")
    }
    guard GoDuration.parse(sample).map({ $0 >= .milliseconds(100) && $0 <= .seconds(60) }) == true
    else { throw ValidationError("--sample \(sample) is not a duration from 100ms to 60s") }
    for (name, url) in [("--prometheus", prometheus), ("--provider", provider)] {
      guard let url else { continue }
      guard NetworkProbe.host(of: url) != nil else {
        throw ValidationError("\(name) \(url) is not a URL such as http://127.0.0.1:9090")
      }
    }
  }

  /// Opens the world.
  func session(alert: JSONValue? = nil, inputs: [String] = []) async throws -> RunbookSession {
    let context = context ?? EnvironmentDefault.optional("context")
    let access: Result<ClusterAccess, AccessError>
    do throws(AccessError) {
      access = .success(
        try ClusterAccess.automatic(
          kubeconfigFlag: kubeconfig ?? EnvironmentDefault.optional("kubeconfig"),
          context: context))
    } catch {
      // A report without a cluster still says what can be said without one.
      access = .failure(error)
    }
    var configuration = RunbookSession.Configuration(access: access)
    configuration.context = context
    configuration.namespace = namespace
    configuration.prometheus = prometheus.map(Self.trimmed)
    configuration.provider = provider.map(Self.trimmed)
    configuration.backup = backup
    configuration.values = try readValues()
    configuration.since = GoDuration.parse(since).map { Int64($0.components.seconds) } ?? 3_600
    configuration.sampleInterval = GoDuration.parse(sample) ?? .seconds(1)
    configuration.alert = alert
    configuration.inputs = inputs
    configuration.version = ProviderDiscord.version
    return await RunbookSession(configuration)
  }

  /// The values of `--values`, and for what they leave out those that came with the binary.
  func readValues() throws -> RunbookValues {
    let shipped = ShippedFiles.scripts().map { "\($0)/runbooks/values.yaml" }
      .flatMap { TextFile.exists($0) ? $0 : nil }
    let base = try shipped.map { try TextFile.read($0) } ?? ""
    guard let path = values ?? EnvironmentDefault.optional("values") else {
      return try Self.parsed("", over: base, path: shipped ?? "")
    }
    return try Self.parsed(TextFile.read(path), over: base, path: path)
  }

  private static func parsed(
    _ text: String, over base: String, path: String
  ) throws -> RunbookValues {
    do {
      return try RunbookValues(yaml: text, over: base)
    } catch {
      throw ValidationError("\(path): \(error)")
    }
  }

  private static func trimmed(_ url: String) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }
}
