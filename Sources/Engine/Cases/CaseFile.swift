import JSONValue
package import LuaBridge

/// The cases of one file.
package struct CaseFile: Sendable {
  /// The file's module, such as `resources.channel_cases`.
  package let module: String
  /// Relative to the scripts' directory.
  package let path: String
  /// The rule that the cases are about.
  package let rule: Rule
  package let cases: [ScriptCase]
  /// Where each of them stands.
  let lines: CaseLines

  /// The name by which the file is shown and filtered: `channel_cases`.
  package var name: String {
    module.split(separator: ".").last.map(String.init) ?? module
  }

  /// Runs the file, which gives its cases.
  package init(_ source: ScriptSource, in bundle: ScriptBundle) throws {
    module = source.module
    path = source.path
    let content = try bundle.describe(source.module, limits: ScriptLimits())
    guard let rule = content["rule"]?.stringValue else {
      throw CaseFileError("the file must end with return { rule = \"resources.…\", cases = … }")
    }
    guard bundle.modules.contains(rule) else {
      throw CaseFileError("rule names \"\(rule)\", and there is no such module")
    }
    self.rule = try Rule(module: rule, in: bundle)
    guard let list = content["cases"]?.arrayValue, !list.isEmpty else {
      throw CaseFileError("the file has no cases")
    }
    var cases: [ScriptCase] = []
    for (offset, value) in list.enumerated() {
      cases.append(try ScriptCase(value, number: offset + 1))
    }
    var names: Set<String> = []
    for other in cases where !names.insert(other.name).inserted {
      throw CaseFileError("two cases have the name \"\(other.name)\"")
    }
    self.cases = cases
    lines = CaseLines(of: names, in: source)
  }
}
