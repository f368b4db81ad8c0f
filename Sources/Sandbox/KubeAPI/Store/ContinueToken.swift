import JSONValue

/// Where the next page of a list starts, and which version it shows. Opaque to clients.
struct ContinueToken: Sendable, Hashable {
  let resourceVersion: UInt64
  /// The last key of the page before.
  let after: ObjectStore.Key

  init(resourceVersion: UInt64, after: ObjectStore.Key) {
    self.resourceVersion = resourceVersion
    self.after = after
  }

  /// Reads a token that `text` made; nil for anything else.
  init?(parsing text: String) {
    var bytes: [UInt8] = []
    var digits = text.utf8.makeIterator()
    while let high = digits.next() {
      guard let low = digits.next(), let first = Self.nibble(high), let second = Self.nibble(low)
      else { return nil }
      bytes.append(first << 4 | second)
    }
    guard let value = try? JSONValue(parsing: bytes),
      let version = value["rv"]?.stringValue.flatMap({ UInt64($0) }),
      let namespace = value["ns"]?.stringValue, let name = value["name"]?.stringValue
    else { return nil }
    self.init(resourceVersion: version, after: .init(namespace: namespace, name: name))
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    default: nil
    }
  }

  var text: String {
    let value: JSONValue = [
      "rv": .string(String(resourceVersion)), "ns": .string(after.namespace),
      "name": .string(after.name),
    ]
    return value.serialized().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
