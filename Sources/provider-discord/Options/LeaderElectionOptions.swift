import ArgumentParser
import Engine
import Glibc
import KubeWatch

/// Which of several replicas works.
struct LeaderElectionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Work only while holding a Lease, so that replicas can stand by. In the environment: true."))
  var leaderElection = false

  @Option(
    help: ArgumentHelp(
      "Namespace of the Lease; the pod's or the context's own unless given.", valueName: "name"))
  var leaderElectionNamespace: String?

  @Option(help: ArgumentHelp("Name of the Lease.", valueName: "name"))
  var leaderElectionName: String = EnvironmentDefault.text(
    "leader-election-name", "provider-discord")

  func validate() throws {
    let text = EnvironmentDefault.optional("leader-election")
    guard text == nil || Self.isTrue(text) != nil else {
      throw ValidationError(
        "PROVIDER_DISCORD_LEADER_ELECTION is \(text ?? ""), which is neither true nor false")
    }
  }

  /// What the provider is told; nil when it is alone.
  func settings(access: ClusterAccess) -> LeaderElectionSettings? {
    let isWanted =
      leaderElection || Self.isTrue(EnvironmentDefault.optional("leader-election")) == true
    guard isWanted else { return nil }
    let namespace =
      leaderElectionNamespace ?? EnvironmentDefault.optional("leader-election-namespace")
      ?? access.namespace
    return LeaderElectionSettings(
      lease: ObjectKey(namespace: namespace, name: leaderElectionName), identity: Self.identity())
  }

  private static func isTrue(_ text: String?) -> Bool? {
    switch text?.lowercased() {
    case "true", "1", "yes": true
    case "false", "0", "no": false
    default: nil
    }
  }

  /// The pod's name and something that no earlier process had: a restarted container must not take
  /// its predecessor's term for its own.
  private static func identity() -> String {
    var name = [CChar](repeating: 0, count: 256)
    let host =
      unsafe gethostname(&name, name.count - 1) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      : "unknown"
    return "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))"
  }
}
