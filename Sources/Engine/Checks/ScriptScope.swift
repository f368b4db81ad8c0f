import LuaBridge

/// The scripts of a reload that have to be checked: those that a rule can reach and that differ from
/// what was shipped, in themselves or in what they require.
struct ScriptScope {
  /// The modules to check.
  let checked: Set<String>
  /// The modules that those require, and themselves.
  let required: Set<String>

  init(_ candidate: ScriptCandidate) {
    let folder = candidate.own + candidate.cases
    let names = Set(folder.map(\.module))
    let libraries = candidate.shipped.filter {
      $0.module.hasPrefix("lib.") && !names.contains($0.module)
    }
    let reach = ScriptReach(folder + libraries + candidate.shipped.map(\.asShipped))
    let texts = Dictionary(candidate.shipped.map { ($0.module, $0.text) }) { first, _ in first }
    let changed = Set(folder.filter { texts[$0.module] != $0.text }.map(\.module))
    let live = reach.modules(from: names.filter { $0.hasPrefix("resources.") })
    checked = live.filter {
      names.contains($0) && !reach.modules(from: [$0]).isDisjoint(with: changed)
    }
    required = reach.modules(from: checked)
  }
}
