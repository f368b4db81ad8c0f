import Synchronization

/// Differences that stayed after we wrote exactly what was wanted: Discord keeps its own form of the
/// value. Writing again would change nothing, at each poll, for ever.
///
/// Kept in memory only: after a restart one more write finds out again.
package final class SettledDrift: Sendable {
  private let settled = Mutex<[ResourceKey: Set<FieldDifference>]>([:])

  /// Makes an empty record.
  package init() {}

  /// The differences that are worth a write.
  package func unsettled(_ differences: [FieldDifference], of key: ResourceKey) -> [FieldDifference]
  {
    let known = settled.withLock { $0[key] }
    guard let known else { return differences }
    return differences.filter { !known.contains($0) }
  }

  /// Records what is still different right after a write that should have cured it.
  package func settle(_ differences: [FieldDifference], of key: ResourceKey) {
    settled.withLock { $0[key, default: []].formUnion(differences) }
  }

  /// Forgets a resource that is gone or whose spec changed.
  package func forget(_ key: ResourceKey) {
    settled.withLock { $0[key] = nil }
  }
}
