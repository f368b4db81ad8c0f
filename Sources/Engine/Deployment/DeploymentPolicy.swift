/// What new rules may change without asking anybody.
package struct DeploymentPolicy: Sendable, Hashable {
  /// How many objects new rules may change at once.
  package enum Limit: Sendable, Hashable {
    case count(Int)
    /// Of all objects, 0 to 1; a handful is always allowed, or small clusters would ask each time.
    case share(Double)
  }

  /// What becomes of new rules.
  package enum Verdict: Sendable, Hashable {
    case deploy
    /// Somebody has to approve, for these reasons.
    case hold([String])
    /// They are broken, for these reasons; no approval helps.
    case refuse([String])
  }

  /// Objects that may change whatever the share.
  package static let handful = 10

  package var limit: Limit

  /// Makes a policy.
  package init(limit: Limit = .share(0.25)) {
    self.limit = limit
  }

  /// Reads `25%` or `40`; nil for anything else.
  package init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
      limit = .share(percent / 100)
    } else {
      guard let count = Int(text), count >= 0 else { return nil }
      limit = .count(count)
    }
  }

  /// Decides about new rules by what they would do.
  package func judge(_ plan: RulePlan) -> Verdict {
    let faults = plan.entries.compactMap { entry -> String? in
      guard case .fault(let text) = entry.change, entry.isSynced else { return nil }
      return "\(entry.key): \(text)"
    }
    guard faults.isEmpty else { return .refuse(Self.first(3, of: faults)) }
    var reasons: [String] = []
    for (kind, count) in plan.unserved.sorted(by: { $0.key < $1.key }) {
      reasons.append("no rule would serve the kind \(kind), of which there are \(count) objects")
    }
    let deleted = plan.entries.filter(\.deletes).map { "\($0.key)" }
    if !deleted.isEmpty { reasons.append("would delete \(Self.list(deleted))") }
    let again = plan.entries.filter { $0.change == .createAgain }.map { "\($0.key)" }
    if !again.isEmpty {
      reasons.append("would create again what has an ID already: \(Self.list(again))")
    }
    let unknown = plan.entries.compactMap { entry -> String? in
      guard case .unknown(let why) = entry.change else { return nil }
      return "\(entry.key): \(why)"
    }
    if !unknown.isEmpty { reasons.append("could not look at \(Self.list(unknown))") }
    let affected = plan.count(Self.isAffected)
    let allowed = allowed(of: plan.entries.count)
    if affected > allowed {
      reasons.append(
        "would change \(affected) of \(plan.entries.count) objects; \(allowed) may change at once")
    }
    return reasons.isEmpty ? .deploy : .hold(reasons)
  }

  private func allowed(of total: Int) -> Int {
    switch limit {
    case .count(let count): count
    case .share(let share): max(Self.handful, Int((share * Double(total)).rounded(.down)))
    }
  }

  private static func isAffected(_ entry: RulePlan.Entry) -> Bool {
    switch entry.change {
    case .update, .createAgain: true
    case .refused: entry.isSynced
    default: false
    }
  }

  private static func first(_ count: Int, of texts: [String]) -> [String] {
    let rest = texts.count - count
    return Array(texts.prefix(count)) + (rest > 0 ? ["and \(rest) more"] : [])
  }

  private static func list(_ texts: [String]) -> String {
    first(3, of: texts).joined(separator: ", ")
  }
}
