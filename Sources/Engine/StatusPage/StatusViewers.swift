/// Who looks at the status page: decides who may join, and whether the page has to be computed.
///
/// It has no clock and no tasks; times are uptimes.
package struct StatusViewers: Sendable {
  /// The answer to somebody who wants to look.
  package enum Admission: Sendable, Hashable {
    /// As many as may look already do.
    case full
    /// The provider is ending.
    case closed
    /// He may look. `needsWaking`: nobody did, so nothing is being computed.
    case joined(id: Int, needsWaking: Bool)
  }

  private let maximum: Int
  private var nextID = 0
  private var ids: Set<Int> = []
  private var isComputing = false
  private var isClosed = false

  /// Nobody looks yet.
  package init(maximum: Int) {
    self.maximum = maximum
  }

  /// How many look.
  package var count: Int { ids.count }

  /// Somebody wants to look.
  package mutating func join() -> Admission {
    if isClosed { return .closed }
    guard ids.count < maximum else { return .full }
    nextID += 1
    ids.insert(nextID)
    defer { isComputing = true }
    return .joined(id: nextID, needsWaking: !isComputing)
  }

  /// Somebody looks no longer.
  package mutating func leave(_ id: Int) {
    ids.remove(id)
  }

  /// Whether the next frame is to be computed. With nobody looking the computing ends until the next
  /// one joins.
  package mutating func goesOn() -> Bool {
    isComputing = !ids.isEmpty
    return isComputing
  }

  /// Nobody may look any more.
  package mutating func close() {
    isClosed = true
    ids = []
  }
}
