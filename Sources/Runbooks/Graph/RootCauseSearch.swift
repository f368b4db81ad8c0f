/// Finds the one check that the others go back to.
package struct RootCauseSearch: Sendable {
  /// A check as the search sees it.
  package struct Node: Sendable {
    package let runbook: String
    package let check: CheckDescription
    package let outcome: Outcome

    /// Makes a node.
    package init(runbook: String, check: CheckDescription, outcome: Outcome) {
      self.runbook = runbook
      self.check = check
      self.outcome = outcome
    }
  }

  private let nodes: [Node]
  private let places: [String: Int]

  /// - Parameter nodes: all checks of a run, in the order in which they are shown.
  package init(_ nodes: [Node]) {
    self.nodes = nodes
    places = Dictionary(
      nodes.enumerated().map { ($0.element.check.id, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The root cause among the failures, or else among the warnings; nil when all is well.
  package func rootCause() -> RootCause? {
    for status in [CheckStatus.fail, .warn] {
      let candidates = nodes.indices.filter { nodes[$0].outcome.status == status }
      guard !candidates.isEmpty else { continue }
      let best = free(candidates).max { left, right in
        let sizes = (victims(of: left).count, victims(of: right).count)
        return sizes.0 != sizes.1 ? sizes.0 < sizes.1 : left > right
      }
      guard let best else { continue }
      let node = nodes[best]
      return RootCause(
        runbook: node.runbook, check: node.check.id, cause: node.outcome.cause,
        message: node.outcome.message, victims: victims(of: best).map { nodes[$0].check.id })
    }
    return nil
  }

  /// For each failed or skipped check, the one that it goes back to.
  package func explanations() -> [String: String] {
    var found: [String: String] = [:]
    // The first that explains a check wins, and one that is itself explained comes last.
    let failed = nodes.indices.filter { nodes[$0].outcome.status == .fail }
    for place in free(failed) + failed {
      for victim in victims(of: place) where found[nodes[victim].check.id] == nil {
        // Of those that explain each other, the first stands for all.
        if victim < place, closure(of: victim).contains(place) { continue }
        found[nodes[victim].check.id] = nodes[place].check.id
      }
    }
    return found
  }

  /// Those that no other explains, unless they explain that one as well: of these neither is innocent.
  private func free(_ candidates: [Int]) -> [Int] {
    let closures = candidates.map { ($0, closure(of: $0)) }
    return closures.filter { place, own in
      !closures.contains { $0 != place && $1.contains(place) && !own.contains($0) }
    }.map(\.0)
  }

  /// The failed, warned or skipped checks that go back to one, without itself, in order.
  private func victims(of place: Int) -> [Int] {
    closure(of: place).subtracting([place]).sorted()
  }

  /// A check, what it explains, what was skipped for want of those, and checks of other runbooks that
  /// found the very same cause: ten runbooks that cannot reach the API server have one trouble, and what
  /// explains it in one of them explains it in all. Within a runbook its author says what explains what.
  private func closure(of place: Int) -> Set<Int> {
    var found: Set<Int> = [place]
    var waiting = [place]
    while let next = waiting.popLast() {
      var reached = nodes[next].outcome.explains.compactMap { places[$0] }.filter {
        [.fail, .warn].contains(nodes[$0].outcome.status)
      }
      if let cause = nodes[next].outcome.cause, nodes[next].outcome.status == .fail {
        reached += nodes.indices.filter {
          nodes[$0].runbook != nodes[next].runbook
            && nodes[$0].outcome.status == .fail && nodes[$0].outcome.cause == cause
        }
      }
      let id = nodes[next].check.id
      reached += nodes.indices.filter {
        nodes[$0].outcome.status == .skip && !nodes[$0].check.needsAnyOutcome
          && nodes[$0].check.needs.contains(id)
      }
      for other in reached where found.insert(other).inserted { waiting.append(other) }
    }
    return found
  }
}
