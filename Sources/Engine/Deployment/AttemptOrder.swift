/// Whose turn it is among attempts that must not overlap, as a pure machine: first come, first served.
///
/// Of two that go on at once the one that read its scripts first could end last, and older scripts
/// would replace newer ones.
struct AttemptOrder: Sendable {
  /// Stands for one attempt, from its asking to its end.
  struct Ticket: Sendable, Hashable {
    fileprivate let number: UInt64
  }

  private var line: [Ticket] = []
  private var count: UInt64 = 0

  /// How many go on or wait for their turn.
  var length: Int { line.count }

  /// An attempt is wanted.
  mutating func ask() -> Ticket {
    count += 1
    let ticket = Ticket(number: count)
    line.append(ticket)
    return ticket
  }

  /// Whether an attempt may go on.
  func isTurn(of ticket: Ticket) -> Bool { line.first == ticket }

  /// An attempt has ended, or nobody wants it any more.
  ///
  /// - Returns: whose turn has come by that; nil when it has come to nobody.
  mutating func leave(_ ticket: Ticket) -> Ticket? {
    let hadTurn = isTurn(of: ticket)
    line.removeAll { $0 == ticket }
    return hadTurn ? line.first : nil
  }
}
