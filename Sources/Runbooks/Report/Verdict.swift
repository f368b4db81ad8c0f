/// What a check, or a runbook as a whole, came to.
package enum CheckStatus: String, Sendable, Hashable, CaseIterable {
  case pass, warn, fail, skip, unknown

  /// The sign in front of a line of the table.
  package var sign: String {
    switch self {
    case .pass: "√"
    case .warn: "‼"
    case .fail: "×"
    case .skip: "-"
    case .unknown: "?"
    }
  }
}

/// The verdict on a whole runbook or run.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
  case pass, warn, fail, unknown

  /// The verdict on some outcomes. A failure outweighs a warning, and a warning what could not be
  /// told; without a single check that passed there is no pass, because no data is no good news.
  package init(_ statuses: some Sequence<CheckStatus>) {
    var seen: Set<CheckStatus> = []
    for status in statuses { seen.insert(status) }
    if seen.contains(.fail) {
      self = .fail
    } else if seen.contains(.warn) {
      self = .warn
    } else if seen.contains(.unknown) || !seen.contains(.pass) {
      self = .unknown
    } else {
      self = .pass
    }
  }

  /// The verdict on several.
  package init(of verdicts: some Sequence<Verdict>) {
    self.init(verdicts.lazy.map(\.asStatus))
  }

  private var asStatus: CheckStatus {
    switch self {
    case .pass: .pass
    case .warn: .warn
    case .fail: .fail
    case .unknown: .unknown
    }
  }
}

/// How a `runbook` command ends.
package enum RunbookExit: Int32, Sendable, Hashable {
  case pass = 0
  /// The tool could not do its work: no scripts, a file that cannot be written.
  case toolError = 1
  /// A script is wrong, or the command line is.
  case badScript = 2
  case fail = 3
  case warn = 4
  case unknown = 5
  /// A failure, and somebody is to be called now.
  case escalateNow = 6
}
