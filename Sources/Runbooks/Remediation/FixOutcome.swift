/// How carrying out a plan ended.
package enum FixOutcome: Sendable, Hashable {
  /// The server's dry run took all of it; nothing was changed.
  case rehearsed
  /// All was done, and the checks pass.
  case verified
  /// All was done; there is no check that could tell.
  case done
  /// All was done, and after the time that was given a check still does not pass.
  case notVerified(String)
  /// Something speaks against it now; nothing, or nothing more, was changed.
  case vetoed(String)
  /// The person said no; nothing was changed.
  case declined
  /// Only people can do it; the plan says how.
  case manual
  /// No check proposes it now; nothing was changed.
  case notProposed(String)
  /// It could not be done, or not to its end; what was done before is in the undo record.
  case failed(String)

  /// The exit code of `runbook fix`.
  package var exitCode: Int32 {
    switch self {
    case .rehearsed, .verified, .done: 0
    case .failed: 1
    case .notVerified: 3
    case .manual, .notProposed: 4
    case .declined: 5
    case .vetoed: 6
    }
  }

  /// One word for machines.
  package var word: String {
    switch self {
    case .rehearsed: "rehearsed"
    case .verified: "verified"
    case .done: "done"
    case .notVerified: "notVerified"
    case .vetoed: "vetoed"
    case .declined: "declined"
    case .manual: "manual"
    case .notProposed: "notProposed"
    case .failed: "failed"
    }
  }

  /// One sentence for people.
  package var message: String {
    switch self {
    case .rehearsed: "the server's dry run accepts the plan; nothing was changed"
    case .verified: "done, and its checks pass"
    case .done: "done; the plan names no check that could verify it"
    case .notVerified(let why): "done, but not verified: \(why)"
    case .vetoed(let why): "vetoed: \(why)"
    case .declined: "declined; nothing was changed"
    case .manual: "this can only be done by hand; the steps are above"
    case .notProposed(let why): "\(why); nothing was changed"
    case .failed(let why): why
    }
  }
}
