import JSONValue

/// One line of a watch.
enum WatchEvent {
  case added(StoredObject)
  case modified(StoredObject)
  case deleted(StoredObject)
  case bookmark(resourceVersion: String)
  /// An object that the store already has in this very version: the echo of our own write.
  case echo(resourceVersion: String)
  case failed(KubeError)

  /// Nil for what is no event, or one of a type that nobody defined yet.
  ///
  /// - Parameter store: what is known; an echo is recognised before anything is built from it.
  init?(line: [UInt8], type: ResourceType, store: Store) {
    guard let root = try? JSONDocument(parsing: line).root, let kind = root["type"]?.string,
      let object = root["object"]
    else { return nil }
    switch kind {
    case "BOOKMARK":
      guard let version = object["metadata"]?["resourceVersion"]?.string else { return nil }
      self = .bookmark(resourceVersion: version)
    case "ERROR": self = .failed(KubeError(statusObject: object))
    case "ADDED", "MODIFIED", "DELETED":
      if kind != "DELETED", let known = store.known(object) {
        self = .echo(resourceVersion: known.resourceVersion)
        return
      }
      guard let object = StoredObject(object, type: type) else { return nil }
      self =
        kind == "ADDED" ? .added(object) : kind == "MODIFIED" ? .modified(object) : .deleted(object)
    default: return nil
    }
  }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
  /// An object is at most about 1.5 MiB in etcd; a longer line is no watch.
  static let limit = 32 << 20

  private var pending: [UInt8] = []

  /// Whether a line grew beyond all measure.
  var isOverfull: Bool { pending.count > Self.limit }

  /// Takes a chunk and calls with each line that it completes, without the line feed.
  mutating func feed(_ chunk: [UInt8], _ line: ([UInt8]) -> Void) {
    var start = chunk.startIndex
    while let end = chunk[start...].firstIndex(of: 10) {
      if pending.isEmpty {
        if end > start { line(Array(chunk[start..<end])) }
      } else {
        pending.append(contentsOf: chunk[start..<end])
        line(pending)
        pending = []
      }
      start = end + 1
    }
    pending.append(contentsOf: chunk[start...])
  }
}
