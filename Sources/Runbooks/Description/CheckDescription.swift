/// A check as its runbook describes it.
package struct CheckDescription: Sendable, Hashable {
  /// `CODE-001`.
  package let id: String
  /// The name of its function.
  package let function: String
  package let title: String
  package let category: String
  /// Ids of checks of the same runbook.
  package let needs: [String]
  /// Whether it runs whatever its needs ended with.
  package let needsAnyOutcome: Bool
  package let timeout: Duration
  package let hint: String?
  /// The document's steps that it stands for.
  package let covers: [String]

  /// Makes a description.
  package init(
    id: String, function: String, title: String, category: String, needs: [String] = [],
    needsAnyOutcome: Bool = false, timeout: Duration = .seconds(10), hint: String? = nil,
    covers: [String] = []
  ) {
    self.id = id
    self.function = function
    self.title = title
    self.category = category
    self.needs = needs
    self.needsAnyOutcome = needsAnyOutcome
    self.timeout = timeout
    self.hint = hint
    self.covers = covers
  }
}

/// A plan as its runbook describes it.
package struct PlanDescription: Sendable, Hashable {
  package let id: String
  /// The name of its function.
  package let function: String
  package let title: String
  /// `low`, `medium` or `high`.
  package let risk: String
  /// Ids of the checks that run again afterwards.
  package let verify: [String]
  /// Names of what must be given.
  package let inputs: [String]
  /// Whether a person may ask for it without a check that proposes it, such as for the way back.
  package let isOnRequest: Bool
}

/// A Kubernetes right that a runbook needs.
package struct RunbookRight: Sendable, Hashable {
  package let verb: String
  package let group: String
  package let resource: String
  package let subresource: String?
  /// Where: nil for the whole cluster, "" for the provider's namespace.
  package let namespace: String?
  /// Whether the runbook says less without it, but still something.
  package let isOptional: Bool
}

/// A number that checks hold what they measure against.
package struct RunbookThreshold: Sendable, Hashable {
  package let name: String
  package let standard: Double
  package let unit: String
  package let text: String
  /// The histogram that it is read from, for `runbook lint`.
  package let metric: String?
}
