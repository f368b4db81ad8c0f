extension ScriptSource {
  /// Reads DIR/lib/*.lua, DIR/resources/*.lua and DIR/runbooks/*.lua, sorted by path, without the
  /// cases beside them (*_cases.lua).
  package static func read(directory: String) throws(ScriptBundleError) -> [ScriptSource] {
    var sources: [ScriptSource] = []
    var problems: [ScriptProblem] = []
    for folder in ["lib", "resources", "runbooks"] {
      for file in ScriptFiles.names(in: "\(directory)/\(folder)") {
        guard file.hasSuffix(".lua"), !file.hasSuffix("_cases.lua"), !file.hasPrefix(".") else {
          continue
        }
        let path = "\(folder)/\(file)"
        let stem = String(file.dropLast(4))
        guard isModuleName(stem) else {
          let message = "a script's name consists of letters, digits and '_'"
          problems.append(ScriptProblem(path: path, line: nil, message: message))
          continue
        }
        do {
          let text = try ScriptFiles.contents(of: "\(directory)/\(path)")
          sources.append(ScriptSource(module: "\(folder).\(stem)", path: path, text: text))
        } catch {
          problems.append(ScriptProblem(path: path, line: nil, message: error.message))
        }
      }
    }
    guard problems.isEmpty else { throw ScriptBundleError(problems: problems) }
    return sources
  }

  private static func isModuleName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
