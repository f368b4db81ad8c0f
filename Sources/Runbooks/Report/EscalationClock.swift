package import Engine

/// Computes from how long a condition has lasted whom to call, and when.
package enum EscalationClock {
  /// One line for everybody that failed or warning checks name: the one that is due first.
  package static func lines(
    of checks: [CheckReport], now: Timestamp, contacts: [String: String]
  ) -> [EscalationLine] {
    var byName: [String: EscalationLine] = [:]
    for check in checks where [.fail, .warn].contains(check.outcome.status) {
      for request in check.outcome.escalations {
        let since = request.since ?? now.millisecondsSince1970
        let (due, isBeyond) = since.addingReportingOverflow(request.after * 1000)
        let line = EscalationLine(
          to: request.to, contact: contacts[request.to], check: check.id, why: request.why,
          after: request.after,
          due: Timestamp(millisecondsSince1970: isBeyond ? .max / 2 : due),
          isDue: !isBeyond && due <= now.millisecondsSince1970)
        if let known = byName[request.to], known.due <= line.due { continue }
        byName[request.to] = line
      }
    }
    return byName.values.sorted { ($0.due, $0.to) < ($1.due, $1.to) }
  }
}
