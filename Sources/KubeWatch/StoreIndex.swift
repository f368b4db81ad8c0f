/// Which objects of a store have the same value of something, such as an annotation: what client-go
/// calls an indexer.
struct StoreIndex: Sendable {
  private let value: @Sendable (StoredObject) -> String?
  private var keys: [String: [ObjectKey]] = [:]

  /// - Parameter value: of what is indexed; nil leaves the object out.
  init(by value: @escaping @Sendable (StoredObject) -> String?) {
    self.value = value
  }

  /// An object took another's place; either may be missing.
  mutating func replace(_ old: StoredObject?, with new: StoredObject?) {
    let before = old.flatMap(value)
    let after = new.flatMap(value)
    guard before != after || old?.key != new?.key else { return }
    if let old, let before {
      keys[before]?.removeAll { $0 == old.key }
      if keys[before]?.isEmpty == true { keys[before] = nil }
    }
    if let new, let after { keys[after, default: []].append(new.key) }
  }

  subscript(value: String) -> [ObjectKey] { keys[value] ?? [] }

  var values: [String] { Array(keys.keys) }
}
