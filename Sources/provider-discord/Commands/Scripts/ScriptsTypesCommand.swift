import ArgumentParser
import Engine
import Glibc

/// `provider-discord scripts types`
struct ScriptsTypesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "types",
    abstract: "Write definitions that make an editor complete and explain scripts.",
    discussion: """
      Writes definitions for LuaLS, the Lua language server of VS Code, Neovim and others: the fields \
      of ctx from the CustomResourceDefinitions, with their descriptions, and the functions of lib. \
      docs/script-tools.md says how an editor finds them.

      EXAMPLES
        Into ./scripts/types, where the checkout has them:
          provider-discord scripts types

        Beside your own rules:
          provider-discord scripts types --output my-scripts/types

        In CI, to see that nobody forgot it:
          provider-discord scripts types --check

      EXIT CODES
        0  written, or with --check: up to date
        1  with --check: not up to date; or a file can't be read or written
        64 the command line is wrong
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Folder for the definitions; scripts/types without it.", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Folder with CustomResourceDefinitions; those of the provider without it.", valueName: "dir"))
  var crds: String?

  @Flag(help: "Write nothing; exit with 1 when a definition is not as it would be written.")
  var check = false

  func run() throws {
    let folder = try ScriptsFolder(nil)
    let target = output ?? "\(folder.path)/types"
    let definitions = TypeDefinitions(
      schemas: try CustomResources.schemas(in: crds), api: HostAPI(folder.shipped))
    var stale: [String] = []
    for (path, text) in definitions.files.sorted(by: { $0.key < $1.key }) {
      let file = "\(target)/\(path)"
      guard (try? TextFile.read(file)) != text else { continue }
      stale.append(path)
      if !check {
        makeFolders(of: file)
        try TextFile.write(text, to: file)
        unsafe chmod(file, 0o644)
      }
    }
    for name in ["rules", "lib"] {
      for file in TextFile.names(in: "\(target)/\(name)")
      where definitions.files["\(name)/\(file)"] == nil {
        stale.append("\(name)/\(file)")
        if !check { unsafe unlink("\(target)/\(name)/\(file)") }
      }
    }
    for path in stale { print("\(target)/\(path)\(check ? " is not up to date" : "")") }
    Terminal.flush()
    guard check, !stale.isEmpty else { return }
    StandardError.write("run: provider-discord scripts types --output \(target)\n")
    throw ExitCode(1)
  }

  private func makeFolders(of file: String) {
    var path = ""
    for part in file.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      path += path.isEmpty && !part.isEmpty ? String(part) : "/\(part)"
      if !path.isEmpty { unsafe mkdir(path, 0o755) }
    }
  }
}
