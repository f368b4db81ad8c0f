package import Engine
package import JSONValue

/// One check in a report.
package struct CheckReport: Sendable, Hashable {
  package let id: String
  package let title: String
  package let category: String
  package let outcome: Outcome
  /// The outcome's hint, or the check's own.
  package let hint: String?
  package let milliseconds: Int64
  /// The check that this one's failure, or skip, goes back to.
  package var explainedBy: String?
}

/// The failed check that everything else goes back to.
package struct RootCause: Sendable, Hashable {
  /// The runbook's id.
  package let runbook: String
  package let check: String
  package let cause: String?
  package let message: String
  /// Ids of the failed and skipped checks that it explains.
  package let victims: [String]
}

/// Whom to call, and when.
package struct EscalationLine: Sendable, Hashable {
  package let to: String
  /// How to reach them, from the values file.
  package let contact: String?
  package let check: String
  package let why: String?
  package let after: Int64
  package let due: Timestamp
  /// Whether the time has come.
  package let isDue: Bool
}

/// Something that a check kept.
package struct EvidenceItem: Sendable, Hashable {
  package let id: String
  package let name: String
  package let check: String
  /// Hexadecimal, of `bytes`.
  package let sha256: String
  /// JSON or text, without secrets.
  package let bytes: [UInt8]
}

/// What came of one runbook.
package struct RunbookReport: Sendable, Hashable {
  package let id: String
  package let title: String
  package let verdict: Verdict
  package let startedAt: Timestamp
  package let milliseconds: Int64
  package let checks: [CheckReport]
  package let rootCause: RootCause?
  package let plans: [PlanProposal]
  package let escalations: [EscalationLine]
  package let evidence: [EvidenceItem]
  /// Bugs of its scripts, with file and line.
  package let faults: [String]

  /// The plans that must not be carried out now.
  package var vetoes: [PlanProposal] { plans.filter { $0.veto != nil } }
}

/// What a run of one or more runbooks is about.
package struct ReportTarget: Sendable, Hashable {
  /// The kubeconfig's context, or nil in a pod.
  package let context: String?
  package let namespace: String
  package let deployment: String
  /// `helm`, `crossplane` or `sandbox`.
  package let flavour: String
  /// Whether the API server answered.
  package let isReachable: Bool
  /// Why it did not.
  package let problem: String?
}

/// A whole run.
package struct RunReport: Sendable, Hashable {
  package let target: ReportTarget
  package let startedAt: Timestamp
  /// From the search for the provider until the last check has ended.
  package let milliseconds: Int64
  /// The alert that asked, as Alertmanager sent it.
  package let alert: JSONValue?
  package let runbooks: [RunbookReport]
  /// Across all runbooks.
  package let rootCause: RootCause?

  package var verdict: Verdict { Verdict(of: runbooks.map(\.verdict)) }

  /// Whether somebody is to be called now.
  package var mustEscalate: Bool {
    runbooks.contains { $0.verdict == .fail && $0.escalations.contains(where: \.isDue) }
  }

  /// How the command ends.
  ///
  /// - Parameter failOn: the mildest verdict that is not success; nil when none is.
  package func exit(failOn: Verdict? = .unknown) -> RunbookExit {
    if runbooks.contains(where: { !$0.faults.isEmpty }) { return .badScript }
    let order: [Verdict] = [.pass, .unknown, .warn, .fail]
    guard let failOn, let least = order.firstIndex(of: failOn),
      let place = order.firstIndex(of: verdict), place >= least
    else { return .pass }
    switch verdict {
    case .pass: return .pass
    case .unknown: return .unknown
    case .warn: return .warn
    case .fail: return mustEscalate ? .escalateNow : .fail
    }
  }
}
