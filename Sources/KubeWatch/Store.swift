package import JSONValue
import Synchronization

/// What happened to one object of a store.
package enum StoreChange: Sendable {
  case added(StoredObject)
  case modified(old: StoredObject, new: StoredObject)
  case deleted(StoredObject)

  package var key: ObjectKey {
    switch self {
    case .added(let object), .deleted(let object): object.key
    case .modified(_, let object): object.key
    }
  }

  /// The object as it is now, or as it last was.
  package var object: StoredObject {
    switch self {
    case .added(let object), .deleted(let object): object
    case .modified(_, let object): object
    }
  }
}

/// The objects of one type as this process last saw them. One reflector writes; answers to this
/// process' own writes are folded in, so that a reader never sees less than was written.
package final class Store: Sendable {
  private struct State: Sendable {
    private(set) var objects: [ObjectKey: StoredObject] = [:]
    private(set) var byteCount = 0
    private(set) var index: StoreIndex?

    init(index: StoreIndex?) { self.index = index }

    mutating func put(_ object: StoredObject) {
      let old = objects.updateValue(object, forKey: object.key)
      byteCount += object.bytes.count - (old?.bytes.count ?? 0)
      index?.replace(old, with: object)
    }

    mutating func drop(_ key: ObjectKey) {
      guard let old = objects.removeValue(forKey: key) else { return }
      byteCount -= old.bytes.count
      index?.replace(old, with: nil)
    }
  }

  private let state: Mutex<State>

  package init() { state = Mutex(State(index: nil)) }

  /// A store that also finds objects by a value of theirs; see `objects(indexed:)`.
  package init(indexedBy value: @escaping @Sendable (StoredObject) -> String?) {
    state = Mutex(State(index: StoreIndex(by: value)))
  }

  /// The object with this key, if there is one.
  package subscript(key: ObjectKey) -> StoredObject? { state.withLock { $0.objects[key] } }

  /// The stored object, if it is in the very version that the text has: nothing needs to be built
  /// from the text then.
  package func known(_ object: JSONCursor) -> StoredObject? {
    guard let metadata = object["metadata"], let name = metadata["name"]?.string,
      let version = metadata["resourceVersion"]?.string, !version.isEmpty
    else { return nil }
    let stored = self[ObjectKey(namespace: metadata["namespace"]?.string ?? "", name: name)]
    guard let stored, stored.resourceVersion == version, stored.uid == metadata["uid"]?.string
    else { return nil }
    return stored
  }

  /// All objects, in no order.
  package func all() -> [StoredObject] { state.withLock { Array($0.objects.values) } }

  /// The keys of all objects, in no order.
  package func keys() -> [ObjectKey] { state.withLock { Array($0.objects.keys) } }

  package var count: Int { state.withLock { $0.objects.count } }

  /// The objects whose indexed value is this one, in no order; none in a store without an index.
  package func objects(indexed value: String) -> [StoredObject] {
    state.withLock { state in
      (state.index?[value] ?? []).compactMap { state.objects[$0] }
    }
  }

  /// The values that the index knows, in no order.
  package func indexedValues() -> [String] { state.withLock { $0.index?.values ?? [] } }

  /// Bytes of JSON held.
  package var byteCount: Int { state.withLock { $0.byteCount } }

  /// Takes the object over unless the store has it in this or a later state.
  ///
  /// An object that was deleted and made again under its name gives two changes.
  ///
  /// - Parameter isAuthoritative: from a list: take it even if it looks older, since a cluster that
  ///   was restored from a backup counts from an earlier version.
  @discardableResult
  package func apply(_ object: StoredObject, isAuthoritative: Bool = false) -> [StoreChange] {
    state.withLock { state in
      guard let old = state.objects[object.key] else {
        state.put(object)
        return [.added(object)]
      }
      if old.uid == object.uid, old.resourceVersion == object.resourceVersion { return [] }
      if !isAuthoritative, object.isOlder(than: old) { return [] }
      state.put(object)
      return old.uid == object.uid
        ? [.modified(old: old, new: object)] : [.deleted(old), .added(object)]
    }
  }

  /// Takes the answer to a write of this process over; an object that the store does not know, or
  /// knows under another uid, is left to the watch, or a deleted one would come back.
  @discardableResult
  package func noteWritten(_ object: StoredObject) -> [StoreChange] {
    state.withLock { state in
      guard let old = state.objects[object.key], old.uid == object.uid,
        old.resourceVersion != object.resourceVersion, !object.isOlder(than: old)
      else { return [] }
      state.put(object)
      return [.modified(old: old, new: object)]
    }
  }

  /// Forgets an object; the change holds `last`, its state at deletion, if that is given.
  @discardableResult
  package func remove(_ key: ObjectKey, last: StoredObject? = nil) -> StoreChange? {
    state.withLock { state in
      guard let old = state.objects[key] else { return nil }
      // A late report of the object's predecessor of the same name.
      if let last, last.uid != old.uid { return nil }
      state.drop(key)
      return .deleted(last ?? old)
    }
  }

  /// Forgets all objects but those named, as at the end of a list.
  func removeAll(except kept: Set<ObjectKey>) -> [StoreChange] {
    state.withLock { state in
      var changes: [StoreChange] = []
      for (key, old) in state.objects where !kept.contains(key) {
        changes.append(.deleted(old))
      }
      for change in changes { state.drop(change.key) }
      return changes
    }
  }
}
