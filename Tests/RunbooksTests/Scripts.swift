import LuaBridge

@testable import Runbooks

/// A bundle of a runbook and the shipped library.
enum Scripts {
  static let library: [ScriptSource] = {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return (try? ScriptSource.read(directory: "/\(folder)/scripts"))?
      .filter { $0.module.hasPrefix("lib.") } ?? []
  }()

  static func bundle(_ runbook: String, name: String = "sample") throws -> ScriptBundle {
    try ScriptBundle(
      sources: library + [
        ScriptSource(
          module: "runbooks.\(name)", path: "runbooks/\(name).lua", text: Array(runbook.utf8))
      ])
  }

  /// A runbook of some checks.
  ///
  /// - Parameters:
  ///   - checks: the elements of `checks`, in Lua.
  ///   - functions: the module's functions, in Lua; the table is `rb`.
  ///   - more: further members of the table.
  static func runbook(
    checks: String, functions: String, more: String = "", id: String = "sample",
    code: String = "SMP"
  ) throws -> RunbookDescription {
    let text = """
      local check = require("lib.check")
      local rb = {
        runbook = "\(id)", code = "\(code)", title = "Sample", owner = "Platform Team",
        reviewed = "2026-11-25", summary = "A sample.",
        checks = { \(checks) },
        \(more)
      }
      \(functions)
      return rb
      """
    return try RunbookDescription(
      module: "runbooks.sample", in: bundle(text))
  }
}
