import ArgumentParser
import Engine
import LuaBridge
import Runbooks

/// The runbooks that a subcommand works on.
struct RunbookScripts: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with your runbooks, laid out as scripts/; ours are there too, but for files of the "
        + "same name.", valueName: "dir"))
  var scripts: String?

  /// All runbooks.
  ///
  /// - Throws: `ExitCode` 2, after it said what is wrong, when a script is.
  func library() throws -> RunbookLibrary {
    let own = scripts ?? EnvironmentDefault.optional("scripts")
    guard own != nil || ShippedFiles.scripts() != nil else {
      throw ValidationError(
        "the shipped runbooks are not beside the binary: give --scripts DIR, or keep the folder "
          + "scripts/ next to provider-discord")
    }
    do {
      let shipped = try ShippedFiles.scripts().map { folder throws(ScriptBundleError) in
        try ScriptSource.read(directory: folder)
      }
      return try RunbookLibrary(directory: own, shipped: shipped ?? [])
    } catch {
      StandardError.write("\(error)\n")
      throw ExitCode(RunbookExit.badScript.rawValue)
    }
  }

  /// The runbooks with these names, or those of which a check is named.
  static func choose(
    _ names: [String], from library: RunbookLibrary
  ) throws -> (runbooks: [RunbookDescription], only: Set<String>?) {
    var runbooks: [RunbookDescription] = []
    var only: Set<String> = []
    func add(_ runbook: RunbookDescription) {
      if !runbooks.contains(where: { $0.id == runbook.id }) { runbooks.append(runbook) }
    }
    for name in names {
      if let runbook = library.runbook(name) ?? library.runbook(forAlert: name) {
        add(runbook)
        only.formUnion(runbook.checks.map(\.id))
      } else if let (runbook, check) = library.check(name) {
        add(runbook)
        only.insert(check.id)
      } else {
        let known = library.runbooks.map(\.id).joined(separator: ", ")
        throw ValidationError("there is no runbook, check or alert \"\(name)\"; there are \(known)")
      }
    }
    let all = Set(runbooks.flatMap { $0.checks.map(\.id) })
    return (runbooks, only == all ? nil : only)
  }
}
