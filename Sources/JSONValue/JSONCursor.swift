/// A place in a `JSONDocument`.
///
/// A cursor is cheap to copy and keeps its document alive. Looking up a member walks the object's
/// members in order, which for Kubernetes and Discord objects is faster than building a dictionary.
package struct JSONCursor: Sendable {
  let document: JSONDocument
  let index: Int

  private var word: UInt64 { unsafe document.tape[index] }

  var tag: Tag { Tag(rawValue: UInt8(word >> 56)) ?? .null }

  private var payload: Int { Int(word & 0x00FF_FFFF_FFFF_FFFF) }

  /// Where the next sibling starts.
  var end: Int {
    switch tag {
    case .object, .array: Int(word & 0xFFFF_FFFF)
    case .integer, .unsigned, .double: index + 2
    default: index + 1
    }
  }

  /// Whether the value is JSON's `null`.
  package var isNull: Bool { tag == .null }

  /// The text, or nil for any other kind of value.
  package var string: String? {
    guard tag == .string else { return nil }
    return unsafe String(decoding: stringBytes, as: UTF8.self)
  }

  /// The integer, or nil for any other kind of value and beyond 63 bits.
  package var integer: Int64? {
    switch tag {
    case .integer: unsafe Int64(bitPattern: document.tape[index + 1])
    case .unsigned: unsafe Int64(exactly: document.tape[index + 1])
    default: nil
    }
  }

  /// The number as a double, or nil for any other kind of value.
  package var double: Double? {
    switch tag {
    case .integer: unsafe Double(Int64(bitPattern: document.tape[index + 1]))
    case .unsigned: unsafe Double(document.tape[index + 1])
    case .double: unsafe Double(bitPattern: document.tape[index + 1])
    default: nil
    }
  }

  /// The truth value, or nil for any other kind of value.
  package var bool: Bool? {
    switch tag {
    case .true: true
    case .false: false
    default: nil
    }
  }

  /// Whether the value is an object.
  package var isObject: Bool { tag == .object }

  /// The member with this name, or nil when there is none or the value is no object.
  package subscript(key: String) -> JSONCursor? {
    guard tag == .object else { return nil }
    var found: JSONCursor?
    var position = index + 1
    let stop = end - 1
    var key = key
    key.withUTF8 { wanted in
      while position < stop {
        let name = JSONCursor(document: document, index: position)
        let value = JSONCursor(document: document, index: position + 1)
        // The last of two equal names wins, as in every reader that builds a map.
        if unsafe name.equals(wanted) { found = value }
        position = value.end
      }
    }
    return found
  }

  /// The value at the end of a path of member names.
  package func at(_ path: String...) -> JSONCursor? {
    var cursor: JSONCursor? = self
    for name in path { cursor = cursor?[name] }
    return cursor
  }

  /// The elements of an array; empty for any other kind of value.
  package var elements: [JSONCursor] {
    guard tag == .array else { return [] }
    var result: [JSONCursor] = []
    var position = index + 1
    let stop = end - 1
    while position < stop {
      let element = JSONCursor(document: document, index: position)
      result.append(element)
      position = element.end
    }
    return result
  }

  /// The members of an object in their order; empty for any other kind of value.
  package var members: [(name: String, value: JSONCursor)] {
    guard tag == .object else { return [] }
    var result: [(name: String, value: JSONCursor)] = []
    var position = index + 1
    let stop = end - 1
    while position < stop {
      let name = JSONCursor(document: document, index: position)
      let value = JSONCursor(document: document, index: position + 1)
      result.append((name.string ?? "", value))
      position = value.end
    }
    return result
  }

  var stringBytes: UnsafeBufferPointer<UInt8> {
    let start = unsafe document.strings + payload
    let length = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return unsafe UnsafeBufferPointer(start: start + 4, count: Int(length))
  }

  private func equals(_ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
    let bytes = unsafe stringBytes
    guard bytes.count == wanted.count else { return false }
    for offset in 0..<bytes.count where unsafe bytes[offset] != wanted[offset] { return false }
    return true
  }

  /// The tape's type characters.
  enum Tag: UInt8 {
    case object = 0x7B
    case array = 0x5B
    case string = 0x22
    case integer = 0x6C
    case unsigned = 0x75
    case double = 0x64
    case `true` = 0x74
    case `false` = 0x66
    case null = 0x6E
  }
}
