import JSONValue
import Testing

@testable import KubeWatch

let channels = ResourceType(
  group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
  plural: "channels")

func object(
  _ name: String, version: String, uid: String = "u", more: String = ""
) throws -> StoredObject {
  let json =
    #"{"apiVersion":"channel.discord.crossplane.io/v1alpha1","kind":"Channel","metadata":"#
    + #"{"name":"\#(name)","namespace":"ns","uid":"\#(uid)","resourceVersion":"\#(version)"\#(more)}}"#
  return try #require(StoredObject(json: Array(json.utf8), type: channels))
}

func shape(_ change: StoreChange) -> String {
  switch change {
  case .added(let object): "added \(object.key.name)@\(object.resourceVersion)"
  case .modified(let old, let new):
    "modified \(new.key.name)@\(old.resourceVersion)-\(new.resourceVersion)"
  case .deleted(let object): "deleted \(object.key.name)@\(object.resourceVersion)"
  }
}

struct StoreTests {
  private let store = Store()

  @Test func theFieldsTheCoreNeedsArePickedAndManagedFieldsAreDropped() throws {
    let more =
      #","generation":3,"deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"b"},"#
      + #""managedFields":[{"manager":"kubectl"}],"annotations":{"#
      + #""kubectl.kubernetes.io/last-applied-configuration":"{}","x":"y"}"#
    let stored = try object("a", version: "1", more: more)
    #expect(stored.key == ObjectKey(namespace: "ns", name: "a"))
    #expect(stored.generation == 3)
    #expect(stored.isDeleting)
    #expect(stored.labels == ["a": "b"])
    #expect(stored.annotations == ["x": "y"])
    let value = try JSONValue(parsing: stored.bytes)
    #expect(value.value(at: "metadata", "managedFields") == nil)
    #expect(value.value(at: "metadata", "annotations", StoredObject.lastApplied) == "{}")
  }

  @Test func anItemOfAListGetsItsKind() throws {
    let json = Array(#"{"metadata":{"name":"a","resourceVersion":"1"},"spec":{}}"#.utf8)
    let stored = try #require(StoredObject(json: json, type: channels))
    let value = try JSONValue(parsing: stored.bytes)
    #expect(value["kind"] == "Channel")
    #expect(value["apiVersion"] == "channel.discord.crossplane.io/v1alpha1")
  }

  @Test func changesAreReportedOnceAndOlderStatesAreIgnored() throws {
    #expect(store.apply(try object("a", version: "5")).map(shape) == ["added a@5"])
    #expect(store.apply(try object("a", version: "5")).isEmpty)
    #expect(store.apply(try object("a", version: "9")).map(shape) == ["modified a@5-9"])
    #expect(store.apply(try object("a", version: "7")).isEmpty)
    #expect(store[ObjectKey(namespace: "ns", name: "a")]?.resourceVersion == "9")
  }

  @Test func aListIsBelievedEvenWhenItLooksOlder() throws {
    store.apply(try object("a", version: "9"))
    #expect(
      store.apply(try object("a", version: "7"), isAuthoritative: true).map(shape)
        == ["modified a@9-7"])
  }

  @Test func anObjectMadeAgainUnderItsNameIsADeletionAndAnAddition() throws {
    store.apply(try object("a", version: "5", uid: "one"))
    #expect(
      store.apply(try object("a", version: "9", uid: "two")).map(shape)
        == ["deleted a@5", "added a@9"])
    #expect(
      store.remove(
        ObjectKey(namespace: "ns", name: "a"), last: try object("a", version: "8", uid: "one"))
        == nil)
    #expect(store.count == 1)
  }

  @Test func anOwnWriteIsSeenAtOnceButNeverBringsADeletedObjectBack() throws {
    #expect(store.noteWritten(try object("a", version: "5")).isEmpty)
    #expect(store.count == 0)
    store.apply(try object("a", version: "5"))
    #expect(store.noteWritten(try object("a", version: "6")).map(shape) == ["modified a@5-6"])
    #expect(store.apply(try object("a", version: "6")).isEmpty)
    #expect(store.noteWritten(try object("a", version: "4")).isEmpty)
    // The answer to a write to the object's predecessor of the same name.
    #expect(store.noteWritten(try object("a", version: "7", uid: "before")).isEmpty)
  }

  /// After a cluster was restored, another object may have the name and the version.
  @Test func onlyTheSameObjectInTheSameVersionIsKnown() throws {
    store.apply(try object("a", version: "5", uid: "one"))
    func known(_ version: String, _ uid: String) throws -> String? {
      let stored = try object("a", version: version, uid: uid)
      return store.known(try JSONDocument(parsing: stored.bytes).root)?.uid
    }
    #expect(try known("5", "one") == "one")
    #expect(try known("6", "one") == nil)
    #expect(try known("5", "two") == nil)
  }

  @Test func theBytesHeldAreCounted() throws {
    let first = try object("a", version: "5")
    let longer = try object("a", version: "6", more: #","labels":{"a":"b"}"#)
    store.apply(first)
    #expect(store.byteCount == first.bytes.count)
    store.apply(longer)
    #expect(store.byteCount == longer.bytes.count)
    store.remove(longer.key)
    #expect(store.byteCount == 0)
  }

  @Test func anIndexFollowsEveryChange() throws {
    let store = Store(indexedBy: { $0.annotations["id"] })
    func names(_ id: String) -> [String] { store.objects(indexed: id).map(\.key.name).sorted() }
    func annotated(_ name: String, version: String, id: String) throws -> StoredObject {
      try object(name, version: version, more: #","annotations":{"id":"\#(id)"}"#)
    }
    store.apply(try object("a", version: "1"))
    #expect(store.indexedValues().isEmpty)
    store.apply(try annotated("a", version: "2", id: "7"))
    store.apply(try annotated("b", version: "3", id: "7"))
    #expect(names("7") == ["a", "b"])
    store.noteWritten(try annotated("b", version: "4", id: "8"))
    #expect(names("7") == ["a"])
    #expect(names("8") == ["b"])
    store.apply(try object("a", version: "5"))
    #expect(store.indexedValues() == ["8"])
    store.apply(try annotated("c", version: "6", id: "8"))
    store.remove(ObjectKey(namespace: "ns", name: "b"))
    #expect(names("8") == ["c"])
    _ = store.removeAll(except: [ObjectKey(namespace: "ns", name: "a")])
    #expect(store.indexedValues().isEmpty)
    #expect(Store().objects(indexed: "8").isEmpty)
  }
}
