import ArgumentParser

/// `provider-discord runbook`
struct RunbookCommand: AsyncParsableCommand {
  /// How `runbook run` ends, for its help and for that of all.
  static let exitCodes = """
      0  every check passed, or was skipped because it does not apply
      1  the tool could not do its work, such as write a file
      2  a runbook's script is wrong, or the command line is
      3  a check failed
      4  a check warns, and none failed
      5  nothing is wrong as far as could be told, but something could not be told
      6  a check failed, and somebody is to be called now
    """

  static let configuration = CommandConfiguration(
    commandName: "runbook",
    abstract: "Find the cause of trouble, a fix, and whom to call.",
    discussion: """
      A runbook is a Lua file with checks that look at the cluster, the provider, its metrics, Discord \
      and the network, each with a deadline, and say what is wrong. Running one changes nothing.

      EXAMPLES
        Everything, now:
          provider-discord runbook run --all

        One runbook, or single checks with what they need:
          provider-discord runbook run high-error-rate --since 30m
          provider-discord runbook run HER-004

        What a check means, and what to do by hand:
          provider-discord runbook explain HER-004

        Keep what was seen, and look at it again elsewhere:
          provider-discord runbook run --all --record incident.json
          provider-discord runbook run --replay incident.json

      EXIT CODES
      \(exitCodes)
      """,
    subcommands: [
      RunbookListCommand.self, RunbookShowCommand.self, RunbookRunCommand.self,
      RunbookExplainCommand.self, RunbookFixCommand.self, RunbookServeCommand.self,
      RunbookLintCommand.self,
    ])
}
