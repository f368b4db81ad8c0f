import ArgumentParser

/// `provider-discord scripts`
struct ScriptsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scripts",
    abstract: "Tools for those who write rules: run cases, find faults, see changes, replay runs.",
    discussion: """
      DIR is a folder laid out as scripts/, with resources/ and, if you have your own, lib/. Without \
      it the folder scripts/ of the current directory is used, or else the rules that came with the \
      binary.

      EXAMPLES
        Run the cases beside your rules:
          provider-discord scripts test ./scripts

        Find faults without running anything:
          provider-discord scripts check ./scripts

        See what your rules would change in the cluster:
          provider-discord scripts plan ./scripts

        Definitions for your editor:
          provider-discord scripts types --output ./scripts/types

        Run again what run --record wrote:
          provider-discord scripts replay FILE

      EXIT CODES
        0  nothing is wrong
        1  something is: a finding, a difference, a failed case, no case at all, a
           script that does not load
        2  only plan: something would change
        64 the command line is wrong
      """,
    subcommands: [
      ScriptsTestCommand.self, ScriptsCheckCommand.self, ScriptsPlanCommand.self,
      ScriptsTypesCommand.self, ScriptsReplayCommand.self,
    ])
}
