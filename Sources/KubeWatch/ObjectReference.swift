/// The object that an Event is about.
package struct ObjectReference: Sendable, Hashable {
  package let type: ResourceType
  package let key: ObjectKey
  package let uid: String
  package let resourceVersion: String

  package init(type: ResourceType, key: ObjectKey, uid: String, resourceVersion: String = "") {
    self.type = type
    self.key = key
    self.uid = uid
    self.resourceVersion = resourceVersion
  }

  package init(_ object: StoredObject, type: ResourceType) {
    self.init(
      type: type, key: object.key, uid: object.uid, resourceVersion: object.resourceVersion)
  }

  /// Where the Event goes: next to its object; `default` for a cluster-scoped one.
  var eventNamespace: String { key.namespace.isEmpty ? "default" : key.namespace }

  /// Without the version, which differs between two Events about the same thing.
  var identity: ObjectReference { ObjectReference(type: type, key: key, uid: uid) }
}
