/// The header fields of a request or a response, in order, duplicates kept.
///
/// All fields live in one buffer as `Name: value` lines that end in a zero byte: what libcurl takes
/// and gives, so that a request that looks at two of twenty fields makes no string of the others.
package struct HTTPHeaders: Sendable, Hashable {
  /// `Name: value\0Name: value\0…`
  private(set) var lines: [UInt8] = []

  /// False once a field was added whose name is no token or whose value holds a line break or a
  /// zero byte. A transport refuses to send such headers.
  package private(set) var isValid = true

  package init() {}

  /// Fields in the order given.
  package init(_ fields: [(name: String, value: String)]) {
    for field in fields { add(field.name, field.value) }
  }

  /// The value of the first field of that name, whatever its case. Setting replaces all fields of
  /// that name; nil removes them.
  package subscript(name: String) -> String? {
    get {
      var result: String?
      forEachLine { line in
        guard result == nil, Self.isNamed(line, name) else { return }
        result = Self.value(of: line, nameLength: name.utf8.count)
      }
      return result
    }
    set {
      var kept: [UInt8] = []
      kept.reserveCapacity(lines.count)
      forEachLine { line in
        guard !Self.isNamed(line, name) else { return }
        kept.append(contentsOf: line)
        kept.append(0)
      }
      lines = kept
      if let newValue { add(name, newValue) }
    }
  }

  /// Appends a field and keeps those of the same name that are already there.
  package mutating func add(_ name: String, _ value: String) {
    if name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte)
      || value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 })
    {
      isValid = false
      return
    }
    lines.append(contentsOf: name.utf8)
    lines.append(UInt8(ascii: ":"))
    lines.append(UInt8(ascii: " "))
    lines.append(contentsOf: value.utf8)
    lines.append(0)
  }

  /// Appends a line as it came from the network; what is no field is ignored.
  mutating func add(receivedLine line: Span<UInt8>) {
    var colon = 0
    while colon < line.count, line[colon] != UInt8(ascii: ":") { colon += 1 }
    guard colon > 0, colon < line.count else { return }
    var start = colon + 1
    var end = line.count
    while start < end, Self.isBlank(line[start]) { start += 1 }
    while end > start, Self.isBlank(line[end - 1]) { end -= 1 }
    lines.reserveCapacity(512)
    append(line.extracting(0..<colon))
    lines.append(UInt8(ascii: ":"))
    lines.append(UInt8(ascii: " "))
    append(line.extracting(start..<end))
    lines.append(0)
  }

  /// A NUL would end the line for libcurl.
  private mutating func append(_ bytes: Span<UInt8>) {
    let start = lines.count
    unsafe bytes.withUnsafeBufferPointer { unsafe lines.append(contentsOf: $0) }
    for index in start..<lines.count where lines[index] == 0 { lines[index] = 32 }
  }

  /// How many bytes all fields take together.
  var byteCount: Int { lines.count }

  /// Calls with each field as a C string in the form that libcurl's header list wants.
  func forEachTerminatedLine(_ body: (UnsafePointer<CChar>) -> Void) {
    unsafe lines.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        guard let end = unsafe buffer[start...].firstIndex(of: 0) else { return }
        if unsafe buffer[end - 2] == UInt8(ascii: ":"), unsafe buffer[end - 1] == 32 {
          // libcurl takes "Name:" for a field to leave out and "Name;" for one without a value.
          var line = unsafe [UInt8](buffer[start..<(end - 2)]) + [UInt8(ascii: ";"), 0]
          unsafe line.withUnsafeMutableBytes {
            guard let text = unsafe $0.assumingMemoryBound(to: CChar.self).baseAddress else {
              return
            }
            unsafe body(UnsafePointer(text))
          }
        } else if let base = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress {
          unsafe body(base + start)
        }
        start = end + 1
      }
    }
  }

  private func forEachLine(_ body: (ArraySlice<UInt8>) -> Void) {
    var start = lines.startIndex
    while start < lines.endIndex, let end = lines[start...].firstIndex(of: 0) {
      body(lines[start..<end])
      start = end + 1
    }
  }

  private static func isNamed(_ line: ArraySlice<UInt8>, _ name: String) -> Bool {
    var index = line.startIndex
    for byte in name.utf8 {
      guard index < line.endIndex, lowercase(line[index]) == lowercase(byte) else { return false }
      index += 1
    }
    return index < line.endIndex && line[index] == UInt8(ascii: ":")
  }

  private static func value(of line: ArraySlice<UInt8>, nameLength: Int) -> String {
    String(decoding: line.dropFirst(nameLength + 2), as: UTF8.self)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= 65 && byte <= 90 ? byte + 32 : byte
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 32 || byte == 9 || byte == 13 || byte == 10
  }

  /// RFC 9110, section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    case 33, 35...39, 42, 43, 45, 46, 94, 95, 96, 124, 126: true
    default: false
    }
  }
}

extension HTTPHeaders: Sequence {
  /// Fields as pairs of name and value, in order.
  package struct Iterator: IteratorProtocol {
    fileprivate let lines: [UInt8]
    fileprivate var position = 0

    package mutating func next() -> (name: String, value: String)? {
      guard position < lines.count, let end = lines[position...].firstIndex(of: 0),
        let colon = lines[position..<end].firstIndex(of: UInt8(ascii: ":"))
      else { return nil }
      defer { position = end + 1 }
      return (
        String(decoding: lines[position..<colon], as: UTF8.self),
        String(decoding: lines[(colon + 2)..<end], as: UTF8.self)
      )
    }
  }

  package func makeIterator() -> Iterator { Iterator(lines: lines) }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}
