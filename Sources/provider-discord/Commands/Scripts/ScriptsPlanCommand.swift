import ArgumentParser
import DiscordAPI
import Engine
import JSONValue
import KubeWatch
import Logging
import LuaBridge

/// `provider-discord scripts plan`
struct ScriptsPlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what your rules would change in a cluster, without changing anything.",
    discussion: """
      Runs the rules over every Guild, Channel and Role of the cluster. Discord is only read; each \
      request that would change something is shown instead of sent. It is the run that a saved script \
      goes through before it is live. You need the right to list these objects and ProviderConfigs, \
      and to read the Secret with the bot's token, which stays in the process.

      EXAMPLES
        What would my rules change?
          provider-discord scripts plan ./scripts

        In another context, for one team:
          provider-discord scripts plan ./scripts --context staging \\
            --namespace team-a

        For a program:
          provider-discord scripts plan ./scripts -o json

      EXIT CODES
        0  nothing would change
        1  there is no plan: a script does not load, or the cluster can't be read
        2  something would change
        64 the command line is wrong
      """)

  /// How the plan looks.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @Argument(help: ArgumentHelp("Folder with scripts.", valueName: "dir"))
  var directory: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("table or json.", valueName: "format"))
  var output: Output = .table

  @Option(help: ArgumentHelp("The kubeconfig file.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The kubeconfig's context.", valueName: "name"))
  var context: String?

  @Option(help: ArgumentHelp("Only objects of this namespace; repeatable.", valueName: "name"))
  var namespace: [String] = EnvironmentDefault.list("namespace")

  @Option(
    help: ArgumentHelp("The provider's limit, for the last line of the plan.", valueName: "share"))
  var reloadLimit: String = EnvironmentDefault.text("reload-limit", "25%")

  func validate() throws {
    guard DeploymentPolicy(reloadLimit) != nil else {
      throw ValidationError(
        "--reload-limit \(reloadLimit) is neither a share such as 25% nor a number of objects")
    }
  }

  func run() async throws {
    let folder = try ScriptsFolder(directory)
    let access = try ClusterAccess.automatic(
      kubeconfigFlag: kubeconfig ?? EnvironmentDefault.optional("kubeconfig"),
      context: context ?? EnvironmentDefault.optional("context"))
    var configuration = ProviderConfiguration(
      access: access, listen: nil, version: ProviderDiscord.version,
      loadScripts: { _ in try ScriptCandidate(directory: folder.path, shipped: folder.shipped) })
    configuration.namespaces = namespace
    configuration.discord.version = ProviderDiscord.version
    // What goes wrong on the way is told by the plan; the rest is of no interest here.
    let logger = Logger(label: "provider-discord") { _ in
      StandardErrorLogHandler(format: .text, level: .error)
    }
    let (plan, hash) = try await RulePreview(configuration: configuration, logger: logger).plan()
    let verdict = (DeploymentPolicy(reloadLimit) ?? DeploymentPolicy()).judge(plan)
    switch output {
    case .table:
      print(plan.text, terminator: "")
      print("scripts \(hash.prefix(12)): \(verdict.text)")
    case .json:
      var json = plan.json
      json["hash"] = .string(hash)
      json["verdict"] = verdict.json
      print(json.serializedText(pretty: true))
    }
    Terminal.flush()
    if !plan.isEmpty { throw ExitCode(2) }
  }
}
