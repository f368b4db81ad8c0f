import ArgumentParser
import Engine
import KubeWatch
import Logging
import NIOCore
import ServiceLifecycle

/// `provider-discord run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the provider against a cluster.",
    discussion: """
      Watches Guilds, Channels and Roles and keeps Discord as they say. The cluster is the one of \
      --kubeconfig, of $KUBECONFIG, of the pod's service account, or of ~/.kube/config, in this order. \
      SIGTERM and SIGINT stop it: what has begun is finished first.

      EXAMPLES
        In your current context, looking every 30 seconds:
          provider-discord run --poll 30s

        With another context and your own rules:
          provider-discord run --context staging --scripts ./scripts

        Recording what the rules do, to replay it elsewhere:
          provider-discord run --record ./recordings

        As in a Deployment:
          provider-discord run --listen 0.0.0.0:8080 --log-format json

        As one of several replicas, of which one works and the others stand by:
          provider-discord run --leader-election \\
            --leader-election-namespace crossplane-system

      EXIT CODES
        0  ended as asked (SIGTERM, SIGINT)
        1  could not start or go on; the last line on standard error says why
        64 the command line is wrong
      """)

  @Option(help: ArgumentHelp("The kubeconfig file.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The kubeconfig's context.", valueName: "name"))
  var context: String?

  @OptionGroup(title: "Replicas")
  var election: LeaderElectionOptions

  @OptionGroup var options: ProviderOptions

  func run() async throws {
    // The admin server answers a scrape now and then: a second thread would only cost its buffers.
    NIOSingletons.groupLoopCountSuggestion = 1
    let logger = options.log.logger()
    let access = try ClusterAccess.automatic(
      kubeconfigFlag: kubeconfig ?? EnvironmentDefault.optional("kubeconfig"),
      context: context ?? EnvironmentDefault.optional("context"))
    var configuration = try options.configuration(access: access, in: .cluster)
    configuration.leaderElection = election.settings(access: access)
    let provider = try Provider(configuration: configuration, logger: logger)
    try await Services.run([provider], logger: logger)
  }
}
