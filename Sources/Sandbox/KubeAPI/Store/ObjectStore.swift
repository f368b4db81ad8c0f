package import JSONValue

/// Objects of all resources under one counter of resource versions, with a bounded history of what
/// changed. Pure: no clock, no I/O.
package struct ObjectStore: Sendable {
  /// An object's place within its resource.
  package struct Key: Sendable, Hashable, Comparable {
    /// Empty for a cluster-scoped object.
    package let namespace: String
    package let name: String

    /// A key by its parts.
    package init(namespace: String, name: String) {
      self.namespace = namespace
      self.name = name
    }

    package static func < (left: Key, right: Key) -> Bool {
      left.namespace == right.namespace
        ? left.name < right.name : left.namespace < right.namespace
    }
  }

  /// One change, as a watch sees it.
  package struct Change: Sendable {
    /// What happened.
    package enum Kind: String, Sendable {
      case added = "ADDED"
      case modified = "MODIFIED"
      case deleted = "DELETED"
    }

    package let resourceVersion: UInt64
    package let resource: GroupResource
    package let key: Key
    package let kind: Kind
    /// The object after the change; for a deletion its last state, with the deletion's version.
    package let object: JSONValue
    /// The object before the change.
    package let previous: JSONValue?
  }

  /// The version of the last change. Starts at 1, because 0 has a meaning of its own in requests.
  package private(set) var resourceVersion: UInt64 = 1
  private var tables: [GroupResource: [Key: JSONValue]] = [:]
  private var history: [Change] = []
  private let historyLimit: Int
  /// Changes up to and including this version are no longer in the history.
  package private(set) var forgottenVersion: UInt64 = 1

  /// An empty store that remembers this many changes.
  package init(historyLimit: Int = 4_096) {
    self.historyLimit = max(1, historyLimit)
  }

  /// The object at a place.
  package func object(_ resource: GroupResource, _ key: Key) -> JSONValue? {
    tables[resource]?[key]
  }

  /// All objects of a resource, or of one namespace, in the order of their keys.
  package func objects(
    _ resource: GroupResource, namespace: String? = nil
  ) -> [(key: Key, object: JSONValue)] {
    sorted(tables[resource] ?? [:], namespace: namespace)
  }

  /// Every object of every resource, in no order.
  package func everything() -> [(resource: GroupResource, key: Key, object: JSONValue)] {
    tables.flatMap { resource, table in table.map { (resource, $0.key, $0.value) } }
  }

  /// The objects as they were at an earlier version; nil when that is out of the history.
  package func objects(
    _ resource: GroupResource, namespace: String?, at version: UInt64
  ) -> [(key: Key, object: JSONValue)]? {
    guard version >= forgottenVersion else { return nil }
    var table = tables[resource] ?? [:]
    for change in history.reversed() {
      guard change.resourceVersion > version else { break }
      if change.resource == resource { table[change.key] = change.previous }
    }
    return sorted(table, namespace: namespace)
  }

  private func sorted(
    _ table: [Key: JSONValue], namespace: String?
  ) -> [(key: Key, object: JSONValue)] {
    table.filter { namespace == nil || $0.key.namespace == namespace }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Stores an object under its key with a new resource version; returns it as stored.
  @discardableResult
  package mutating func put(
    _ resource: GroupResource, _ key: Key, _ object: JSONValue
  ) -> JSONValue {
    resourceVersion += 1
    var stored = object
    stored.set(.string(String(resourceVersion)), at: ["metadata", "resourceVersion"])
    let previous = tables[resource, default: [:]].updateValue(stored, forKey: key)
    record(
      Change(
        resourceVersion: resourceVersion, resource: resource, key: key,
        kind: previous == nil ? .added : .modified, object: stored, previous: previous))
    return stored
  }

  /// Removes an object; `last` replaces its stored state in the event of the deletion.
  package mutating func remove(_ resource: GroupResource, _ key: Key, last: JSONValue? = nil) {
    guard let previous = tables[resource]?.removeValue(forKey: key) else { return }
    resourceVersion += 1
    var final = last ?? previous
    final.set(.string(String(resourceVersion)), at: ["metadata", "resourceVersion"])
    record(
      Change(
        resourceVersion: resourceVersion, resource: resource, key: key, kind: .deleted,
        object: final, previous: previous))
  }

  private mutating func record(_ change: Change) {
    history.append(change)
    // Trimmed in halves, so that a write costs the same whatever the limit.
    if history.count >= historyLimit * 2 {
      forgottenVersion = history[history.count - historyLimit - 1].resourceVersion
      history.removeFirst(history.count - historyLimit)
    }
  }

  /// The changes after a version; nil when some of them are out of the history.
  package func changes(after version: UInt64) -> ArraySlice<Change>? {
    guard version >= forgottenVersion else { return nil }
    guard version < resourceVersion else { return [] }
    // Every change raises the version by one, so the place follows from the number.
    let newer = Int(resourceVersion - version)
    return history.suffix(newer)
  }

  /// Forgets all changes, as the API server does when etcd is compacted.
  package mutating func forgetHistory() {
    history.removeAll()
    forgottenVersion = resourceVersion
  }
}
