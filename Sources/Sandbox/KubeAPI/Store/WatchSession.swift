import JSONValue

/// One open watch: a value that knows what it has sent. The driver asks the cluster for its next
/// events, writes them, and waits for a change.
package struct WatchSession: Sendable {
  let definition: ResourceDefinition
  let version: String
  let namespace: String?
  let labels: LabelSelector
  let fields: FieldSelector
  let renderer: ObjectRenderer
  let allowsBookmarks: Bool
  /// When the watch ends by itself.
  package let deadline: KubeTime
  /// The content type of the stream.
  package let contentType: String

  var position: UInt64
  /// Objects to send before any change, for a watch that starts with the present state.
  var initial: [JSONValue]
  /// Whether the initial objects are followed by the bookmark that `sendInitialEvents` promises.
  var marksInitialEnd: Bool
  var nextBookmark: KubeTime
  var hasSentColumns = false
  /// Set when the stream has to end after what was sent last.
  package internal(set) var isFinished = false
}

extension WatchSession {
  /// About how often an idle watch gets a bookmark.
  static let bookmarkInterval: Int64 = 60_000_000

  private func selects(_ object: JSONValue) -> Bool {
    labels.matches(object) && fields.matches(object)
  }

  /// The next events, each a JSON line; empty when there is nothing to send yet.
  mutating func frames(from store: ObjectStore, now: KubeTime) -> [UInt8] {
    guard !isFinished else { return [] }
    var output: [UInt8] = []
    for object in initial { write("ADDED", object, now: now, into: &output) }
    initial = []
    if marksInitialEnd {
      marksInitialEnd = false
      writeBookmark(isInitialEnd: true, into: &output)
    }
    guard let changes = store.changes(after: position) else {
      let error = APIStatusError.expired(
        "too old resource version: \(position) (\(store.forgottenVersion + 1))")
      Self.append("ERROR", error.status, into: &output)
      isFinished = true
      return output
    }
    for change in changes { write(change, now: now, into: &output) }
    position = max(position, store.resourceVersion)
    let isOver = now >= deadline
    if allowsBookmarks, now >= nextBookmark || isOver {
      writeBookmark(isInitialEnd: false, into: &output)
      nextBookmark = KubeTime(microseconds: now.microseconds + Self.bookmarkInterval)
    }
    isFinished = isOver
    return output
  }

  /// Ends the watch as an API server does that shuts down: with a last bookmark.
  mutating func finish(from store: ObjectStore, now: KubeTime) -> [UInt8] {
    var output = frames(from: store, now: now)
    if !isFinished, allowsBookmarks { writeBookmark(isInitialEnd: false, into: &output) }
    isFinished = true
    return output
  }

  /// When the driver has to ask again at the latest, although nothing changed.
  package var nextWake: KubeTime { allowsBookmarks ? min(deadline, nextBookmark) : deadline }

  private mutating func write(
    _ change: ObjectStore.Change, now: KubeTime, into output: inout [UInt8]
  ) {
    guard change.resource == definition.groupResource,
      namespace == nil || change.key.namespace == namespace
    else { return }
    let wasSelected = change.previous.map(selects) ?? false
    let isSelected = change.kind != .deleted && selects(change.object)
    switch (wasSelected, isSelected) {
    case (false, false): return
    case (false, true): write("ADDED", change.object, now: now, into: &output)
    case (true, true): write("MODIFIED", change.object, now: now, into: &output)
    case (true, false):
      // An object that leaves the selection is shown as it was last selected, at the new version.
      var last = change.kind == .deleted ? change.object : change.previous ?? change.object
      last.setMetadata("resourceVersion", .string(String(change.resourceVersion)))
      write("DELETED", last, now: now, into: &output)
    }
  }

  private mutating func write(
    _ type: String, _ object: JSONValue, now: KubeTime, into output: inout [UInt8]
  ) {
    let shown = renderer.single(
      object, definition: definition, version: version, now: now, withColumns: !hasSentColumns)
    hasSentColumns = true
    Self.append(type, shown, into: &output)
  }

  private func writeBookmark(isInitialEnd: Bool, into output: inout [UInt8]) {
    var metadata: JSONValue = [
      "resourceVersion": .string(String(position)), "creationTimestamp": .null,
    ]
    if isInitialEnd {
      metadata["annotations"] = ["k8s.io/initial-events-end": "true"]
    }
    let object: JSONValue = [
      "kind": .string(renderer.bookmarkKind ?? definition.kind),
      "apiVersion": .string(renderer.bookmarkAPIVersion ?? definition.apiVersion(version)),
      "metadata": metadata,
    ]
    Self.append("BOOKMARK", object, into: &output)
  }

  private static func append(_ type: String, _ object: JSONValue, into output: inout [UInt8]) {
    output.append(contentsOf: #"{"type":""#.utf8)
    output.append(contentsOf: type.utf8)
    output.append(contentsOf: #"","object":"#.utf8)
    object.write(into: &output)
    output.append(contentsOf: "}\n".utf8)
  }
}
