/// Carrying out a plan, as a state machine: it decides, a driver performs.
///
/// The order is that of the reference: plan, diff, dry run, confirmation, the same again with live
/// facts, act, check, undo record.
package struct Fix: Sendable {
  /// What a person allowed.
  package enum Consent: Sendable, Hashable {
    /// Only show it.
    case dryRun
    /// `--yes`.
    case given
    /// Ask when it comes to it.
    case toBeAsked
  }

  /// What a check said after the fix.
  package struct Check: Sendable, Hashable {
    package let id: String
    package let passes: Bool
    /// Its status and message, for the person who waits.
    package let text: String

    /// Makes a check's answer.
    package init(id: String, passes: Bool, text: String) {
      self.id = id
      self.passes = passes
      self.text = text
    }
  }

  /// What the driver is to do next; it comes back with the event named.
  package enum Action: Sendable, Hashable {
    /// Build the plan from live facts: `.planned`.
    case plan
    /// Read the live objects: `.inspected`.
    case inspect(RemediationPlan)
    /// Let the server rehearse: `.rehearsed`.
    case rehearse([PreparedOperation])
    /// Show the operations and ask: `.answered`.
    case ask
    /// Send one operation: `.performed`.
    case perform(PreparedOperation)
    /// Read one live object again, after a conflict: `.reread`.
    case reread(PreparedOperation)
    /// Run the plan's checks: `.checked`.
    case check([String])
    /// Wait, then run them again: `.checked`.
    case checkLater(Duration, [String])
    /// Say how it ended.
    case finish(FixOutcome)
  }

  /// What happened.
  package enum Event: Sendable {
    case planned(RemediationPlan)
    /// No check proposes it.
    case notProposed(String)
    case inspected([PreparedOperation])
    case rehearsed([PreparedOperation])
    case answered(Bool)
    /// The object after the change; nil after a deletion.
    case performed(LiveObject?)
    /// The object was changed since it was read.
    case conflicted(String)
    case reread(PreparedOperation)
    case checked([Check])
    /// What was to be done could not be done.
    case failed(String)
  }

  private enum Phase {
    case planning, rehearsing, asking, replanning, acting, verifying, ended
  }

  /// How often an operation is tried whose object changed beside what matters to it.
  private static let attempts = 4

  private let consent: Consent
  private let purpose: RemediationGuard.Purpose
  private let patience: Duration
  private let longestPause: Duration
  private var phase = Phase.planning
  private var isConfirmed = false
  private var number = 0
  private var attempt = 1
  private var verifyingSince: Duration?
  private var pause: Duration
  /// What the server answered to each operation that was carried out.
  private var states: [LiveObject?] = []

  /// The plan as it was last built.
  package private(set) var plan: RemediationPlan?
  /// Its operations as they were last prepared.
  package private(set) var prepared: [PreparedOperation] = []
  /// How many of them were carried out.
  package private(set) var doneCount = 0
  /// How to take back what was done.
  package private(set) var undo: UndoRecord
  /// What the plan's checks last said.
  package private(set) var checks: [Check] = []

  /// - Parameters:
  ///   - patience: how long the checks may take to pass.
  ///   - pause: between their first two runs; each further one is twice as long.
  ///   - longestPause: of these.
  package init(
    consent: Consent, purpose: RemediationGuard.Purpose = .plan, undo: UndoRecord,
    patience: Duration = .seconds(120), pause: Duration = .milliseconds(500),
    longestPause: Duration = .seconds(3)
  ) {
    self.consent = consent
    self.purpose = purpose
    self.undo = undo
    self.patience = patience
    self.pause = pause
    self.longestPause = longestPause
  }

  /// The first thing to do.
  package mutating func begin() -> Action { .plan }

  /// - Parameter now: time since an arbitrary start.
  /// - Returns: what to do next.
  package mutating func handle(_ event: Event, now: Duration) -> Action {
    switch (phase, event) {
    case (.ended, _): return .finish(.failed("this fix has ended"))
    case (_, .failed(let why)): return end(.failed(failure(why)))
    case (.planning, .planned(let plan)), (.replanning, .planned(let plan)):
      return planned(plan)
    case (.planning, .notProposed(let why)), (.replanning, .notProposed(let why)):
      return end(.notProposed(why))
    case (.planning, .inspected(let operations)):
      phase = .rehearsing
      return inspected(operations, then: .rehearse(operations))
    case (.replanning, .inspected(let operations)):
      phase = .rehearsing
      return inspected(operations, then: .rehearse(operations))
    case (.rehearsing, .rehearsed(let operations)): return rehearsed(operations)
    case (.asking, .answered(let agreed)):
      guard agreed else { return end(.declined) }
      phase = .replanning
      return .plan
    case (.acting, .rehearsed(let operations)): return rehearsedAgain(operations[0])
    case (.acting, .performed(let after)): return performed(after, now)
    case (.acting, .conflicted(let why)):
      let operation = prepared[number]
      guard operation.operation.resourceVersion == nil, attempt < Self.attempts else {
        return end(.failed(failure("\(operation.operation.target): \(why)")))
      }
      attempt += 1
      return .reread(operation)
    case (.acting, .reread(let fresh)):
      // A status that moved is no reason to stop; a field that somebody else set is.
      guard fresh.before?.uid == prepared[number].before?.uid,
        fresh.before?.desired == prepared[number].before?.desired
      else {
        return end(
          .failed(
            failure("\(fresh.operation.target) was changed by somebody else meanwhile; look again"))
        )
      }
      prepared[number] = fresh
      return earlier(fresh).isEmpty ? .perform(fresh) : .rehearse([fresh])
    case (.verifying, .checked(let checks)): return checked(checks, now)
    default: return end(.failed(failure("an event came out of its order")))
    }
  }

  private mutating func end(_ outcome: FixOutcome) -> Action {
    phase = .ended
    return .finish(outcome)
  }

  private func failure(_ why: String) -> String {
    let total = prepared.count
    if phase == .verifying { return "done, but the checks could not be run: \(why)" }
    guard doneCount > 0 else { return "\(why). Nothing was changed" }
    return "\(why). \(doneCount) of \(total) operations were done; the undo takes them back"
  }

  private mutating func planned(_ fresh: RemediationPlan) -> Action {
    if let veto = fresh.veto {
      plan = fresh
      return end(.vetoed(veto))
    }
    if let shown = plan, !fresh.doesTheSame(as: shown) {
      return end(
        .failed("the facts changed and with them the plan; look again. Nothing was changed"))
    }
    plan = fresh
    guard !fresh.operations.isEmpty else {
      return end(fresh.manual.isEmpty ? .failed("the plan has nothing to do") : .manual)
    }
    return .inspect(fresh)
  }

  private mutating func inspected(_ operations: [PreparedOperation], then next: Action) -> Action {
    prepared = operations
    for operation in operations {
      if let refusal = RemediationGuard.refusal(
        of: operation.operation, for: purpose, before: operation.before, after: nil)
      {
        return end(.vetoed(refusal))
      }
    }
    return next
  }

  /// What speaks against an operation, now that the server has rehearsed it.
  private func objection(to operation: PreparedOperation) -> FixOutcome? {
    if let refusal = RemediationGuard.refusal(
      of: operation.operation, for: purpose, before: operation.before, after: operation.predicted)
    {
      return .vetoed(refusal)
    }
    return operation.problem.map {
      .failed(failure("\(operation.operation.target): the dry run fails: \($0)"))
    }
  }

  /// An operation on an object that an earlier one has changed.
  private mutating func rehearsedAgain(_ operation: PreparedOperation) -> Action {
    if operation.isStale, attempt < Self.attempts {
      attempt += 1
      return .reread(operation)
    }
    prepared[number] = operation
    return objection(to: operation).map { end($0) } ?? .perform(operation)
  }

  private mutating func rehearsed(_ operations: [PreparedOperation]) -> Action {
    prepared = operations
    for operation in operations {
      if let objection = objection(to: operation) { return end(objection) }
    }
    if isConfirmed {
      phase = .acting
      return .perform(operations[0])
    }
    switch consent {
    case .dryRun: return end(.rehearsed)
    case .toBeAsked:
      isConfirmed = true
      phase = .asking
      return .ask
    case .given:
      isConfirmed = true
      phase = .replanning
      return .plan
    }
  }

  /// Those that were carried out on the object of an operation.
  private func earlier(_ operation: PreparedOperation) -> [PreparedOperation] {
    prepared.prefix(doneCount).filter { $0.operation.hasObject(of: operation.operation) }
  }

  /// The object of an operation as the last of the earlier ones left it; nil when none changed it.
  private func lastState(of operation: RemediationOperation) -> LiveObject? {
    states.indices.last { prepared[$0].operation.hasObject(of: operation) }.flatMap { states[$0] }
  }

  /// The undo record with an operation in it.
  ///
  /// - Parameter after: what the server makes of its object; nil after a deletion.
  func undo(with operation: PreparedOperation, after: LiveObject?) -> UndoRecord {
    var record = undo
    record.add(operation, after: after, earlier: earlier(operation))
    return record
  }

  private mutating func performed(_ after: LiveObject?, _ now: Duration) -> Action {
    undo = undo(with: prepared[number], after: after)
    if doneCount == 0, let remark = plan?.undoRemark { undo.remarks.append(remark) }
    states.append(after)
    doneCount += 1
    number += 1
    attempt = 1
    if number < prepared.count {
      let next = prepared[number]
      // It was prepared, and rehearsed, on the object as it was before this plan changed it.
      guard let changed = lastState(of: next.operation) else { return .perform(next) }
      prepared[number] = next.meeting(changed)
      return .rehearse([prepared[number]])
    }
    let verify = plan?.verify ?? []
    guard !verify.isEmpty else { return end(.done) }
    phase = .verifying
    verifyingSince = now
    return .check(verify)
  }

  private mutating func checked(_ answers: [Check], _ now: Duration) -> Action {
    checks = answers
    let verify = plan?.verify ?? []
    let passing = Set(answers.filter(\.passes).map(\.id))
    let missing = verify.filter { !passing.contains($0) }
    if missing.isEmpty { return end(.verified) }
    guard now - (verifyingSince ?? now) < patience else {
      let texts = answers.filter { missing.contains($0.id) }.map { "\($0.id) \($0.text)" }
      return end(
        .notVerified(
          texts.isEmpty ? missing.joined(separator: ", ") : texts.joined(separator: "; ")))
    }
    defer { pause = min(pause * 2, longestPause) }
    return .checkLater(pause, verify)
  }
}
