extension ScriptSource {
  /// Reads DIR/lib/*.lua, DIR/resources/*.lua and DIR/runbooks/*.lua, sorted by path, without the
  /// cases beside them (*_cases.lua).
  package static func read(directory: String) throws(ScriptBundleError) -> [ScriptSource] {
    try read(directory: directory, folders: ["lib", "resources", "runbooks"]) {
      !$0.hasSuffix(casesSuffix)
    }
  }

  /// Reads the cases beside the resource rules, DIR/resources/*_cases.lua, or those beside the
  /// runbooks, sorted by path. They are modules as any other ("resources.channel_cases") and belong
  /// to no bundle of production.
  ///
  /// - Parameter folder: `resources` or `runbooks`.
  package static func readCases(
    directory: String, folder: String = "resources"
  ) throws(ScriptBundleError) -> [ScriptSource] {
    try read(directory: directory, folders: [folder]) { $0.hasSuffix(casesSuffix) }
  }

  /// Reads the files NAME.json of a folder below the scripts' directory, sorted by name.
  ///
  /// - Throws: what could not be read.
  package static func readRecordings(
    directory: String, folder: String
  ) throws(ScriptBundleError) -> [(name: String, bytes: [UInt8])] {
    var found: [(name: String, bytes: [UInt8])] = []
    var problems: [ScriptProblem] = []
    for file in ScriptFiles.names(in: "\(directory)/\(folder)")
    where file.hasSuffix(".json") && !file.hasPrefix(".") {
      let path = "\(folder)/\(file)"
      do {
        found.append(
          (
            String(file.dropLast(".json".count)),
            try ScriptFiles.contents(
              of: "\(directory)/\(path)", maximumBytes: maximumRecordingBytes)
          ))
      } catch {
        problems.append(ScriptProblem(path: path, line: nil, message: error.message))
      }
    }
    guard problems.isEmpty else { throw ScriptBundleError(problems: problems) }
    return found
  }

  /// Ten runbooks of a cluster with a thousand objects.
  private static let maximumRecordingBytes = 64 << 20
  private static let casesSuffix = "_cases.lua"

  private static func read(
    directory: String, folders: [String], isWanted: (String) -> Bool
  ) throws(ScriptBundleError) -> [ScriptSource] {
    var sources: [ScriptSource] = []
    var problems: [ScriptProblem] = []
    for folder in folders {
      for file in ScriptFiles.names(in: "\(directory)/\(folder)") {
        guard file.hasSuffix(".lua"), isWanted(file), !file.hasPrefix(".") else { continue }
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
