import KubeWatch
package import LuaBridge

/// One generation of rules: immutable, swapped as a whole. A run that began on a generation ends on
/// it.
package struct RuleSet: Sendable {
  /// Counts up with each swap, from 1.
  package let generation: Int
  /// Identifies the scripts' text.
  package let hash: String
  /// The scripts themselves.
  let bundle: ScriptBundle
  private let rules: [String: Rule]

  /// Makes a generation out of all modules `resources.*` of a bundle.
  package init(bundle: ScriptBundle, generation: Int) throws {
    var rules: [String: Rule] = [:]
    for module in bundle.modules.sorted() where module.hasPrefix("resources.") {
      let rule = try Rule(module: module, in: bundle)
      if let other = rules[rule.type.kind] {
        throw RuleError(
          module: module, message: "the kind \(rule.type.kind) is already served by \(other.module)"
        )
      }
      rules[rule.type.kind] = rule
    }
    guard !rules.isEmpty else {
      throw RuleError(module: "resources", message: "the bundle has no rule in resources/")
    }
    self.rules = rules
    self.generation = generation
    self.bundle = bundle
    hash = bundle.hash
  }

  /// The rule of a kind.
  package subscript(kind: String) -> Rule? { rules[kind] }

  /// All rules, sorted by kind.
  package var all: [Rule] { rules.values.sorted { $0.type.kind < $1.type.kind } }
}
