import ArgumentParser
internal import CMemory
import Glibc
import Runbooks

/// The command line: the only place where parts are put together.
@main
struct ProviderDiscord: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "provider-discord",
    abstract: "A Kubernetes provider for Discord guilds, channels and roles.",
    discussion: """
      What to do with a guild, a channel or a role is a Lua rule that is reloaded while the provider \
      runs. Every option can be given as an environment variable PROVIDER_DISCORD_…, for example \
      PROVIDER_DISCORD_LOG_LEVEL=debug.

      EXAMPLES
        Try it out without a cluster and without Discord:
          provider-discord sandbox

        Run it against the current context of your kubeconfig:
          provider-discord run

        Run it with your own rules, reading two namespaces:
          provider-discord run --scripts ./scripts \\
            --namespace team-a --namespace team-b

      EXIT CODES
        0  ended as asked (SIGTERM, SIGINT)
        1  could not start or go on; the last line on standard error says why
        64 the command line is wrong
      """,
    version: version,
    subcommands: [
      RunCommand.self, SandboxCommand.self, ScriptsCommand.self, RunbookCommand.self,
      DiscordSimCommand.self,
    ])

  /// As ArgumentParser's, but for two things. A wrong command line of `runbook` ends with 2, as its list
  /// of exit codes says: 3 and more are verdicts there, and monitoring reads them. And what turns out to
  /// be wrong while a command runs is said without a usage, which would be that of the whole program.
  static func main() async {
    cmemory_be_sparing()
    let wrongCommandLine =
      CommandLine.arguments.dropFirst().first == "runbook"
      ? RunbookExit.badScript.rawValue : ExitCode.validationFailure.rawValue
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch  where exitCode(for: error) == .validationFailure {
      StandardError.write(fullMessage(for: error) + "\n")
      Glibc.exit(wrongCommandLine)
    } catch {
      exit(withError: error)
    }
    do {
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as ValidationError {
      StandardError.write("Error: \(error.message)\n")
      Glibc.exit(wrongCommandLine)
    } catch {
      exit(withError: error)
    }
  }
}
