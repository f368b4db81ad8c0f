/// Where the parts of a JSON text lie, one level deep, found without making values of them.
///
/// A guild's list is read once and its objects are handed out for each resource: cutting the text
/// costs one pass over it, and an object's bytes are a slice of what came from the network. Only
/// the structure is checked; who uses an object parses it.
enum JSONSlices {
  /// A member of an object: its key without quotes (escapes as they stand), and its value.
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
  }

  /// The elements of an array; nil when the text is not one whole array.
  static func elements(of text: [UInt8]) -> [Range<Int>]? {
    var scanner = Scanner(text)
    return scanner.elements()
  }

  /// The members of an object; nil when the text is not one whole object.
  static func members(of text: [UInt8]) -> [Member]? {
    var scanner = Scanner(text)
    return scanner.members()
  }

  /// The value of a member of the object at `range`; nil when there is none.
  static func value(of name: String, in text: [UInt8], at range: Range<Int>) -> Range<Int>? {
    var scanner = Scanner(text, from: range.lowerBound, to: range.upperBound)
    return scanner.value(of: name)
  }

  /// Whether a text begins and ends as an object or array does: what a cut-off answer or an HTML
  /// page does not.
  static func looksWhole(_ text: [UInt8]) -> Bool {
    guard let first = text.first(where: { $0 > 0x20 }), let last = text.last(where: { $0 > 0x20 })
    else { return false }
    return (first == UInt8(ascii: "{") && last == UInt8(ascii: "}"))
      || (first == UInt8(ascii: "[") && last == UInt8(ascii: "]"))
  }

  /// The content of a string or the digits of a number at `range`, without quotes.
  static func scalar(_ text: [UInt8], at range: Range<Int>) -> ArraySlice<UInt8> {
    let slice = text[range]
    return slice.first == UInt8(ascii: "\"") && slice.count >= 2
      ? slice.dropFirst().dropLast() : slice
  }

  private struct Scanner {
    private let text: [UInt8]
    private var position: Int
    private let end: Int

    init(_ text: [UInt8]) {
      self.text = text
      position = 0
      end = text.count
    }

    init(_ text: [UInt8], from start: Int, to end: Int) {
      self.text = text
      position = start
      self.end = end
    }

    mutating func elements() -> [Range<Int>]? {
      guard open(UInt8(ascii: "[")) else { return nil }
      var found: [Range<Int>] = []
      if close(UInt8(ascii: "]")) { return isAtEnd() ? found : nil }
      while let range = value() {
        found.append(range)
        if close(UInt8(ascii: "]")) { return isAtEnd() ? found : nil }
        guard open(UInt8(ascii: ",")) else { return nil }
      }
      return nil
    }

    mutating func members() -> [Member]? {
      guard open(UInt8(ascii: "{")) else { return nil }
      var found: [Member] = []
      if close(UInt8(ascii: "}")) { return isAtEnd() ? found : nil }
      while let member = member() {
        found.append(member)
        if close(UInt8(ascii: "}")) { return isAtEnd() ? found : nil }
        guard open(UInt8(ascii: ",")) else { return nil }
      }
      return nil
    }

    mutating func value(of name: String) -> Range<Int>? {
      guard open(UInt8(ascii: "{")) else { return nil }
      while let member = member() {
        if matches(name, member.key) { return member.value }
        guard open(UInt8(ascii: ",")) else { return nil }
      }
      return nil
    }

    private func matches(_ name: String, _ range: Range<Int>) -> Bool {
      text[range].elementsEqual(name.utf8)
    }

    private mutating func member() -> Member? {
      skipSpace()
      guard position < end, text[position] == UInt8(ascii: "\""), let key = string() else {
        return nil
      }
      guard open(UInt8(ascii: ":")), let value = value() else { return nil }
      return Member(key: (key.lowerBound + 1)..<(key.upperBound - 1), value: value)
    }

    private mutating func value() -> Range<Int>? {
      skipSpace()
      guard position < end else { return nil }
      switch text[position] {
      case UInt8(ascii: "\""): return string()
      case UInt8(ascii: "{"), UInt8(ascii: "["): return container()
      default:
        let start = position
        while position < end, !Self.endsScalar(text[position]) { position += 1 }
        return position > start ? start..<position : nil
      }
    }

    private mutating func string() -> Range<Int>? {
      let start = position
      position += 1
      while position < end {
        switch text[position] {
        case UInt8(ascii: "\\"): position += 2
        case UInt8(ascii: "\""):
          position += 1
          return start..<position
        default: position += 1
        }
      }
      return nil
    }

    private mutating func container() -> Range<Int>? {
      let start = position
      var depth = 0
      while position < end {
        switch text[position] {
        case UInt8(ascii: "\""):
          guard string() != nil else { return nil }
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth == 0 {
            position += 1
            return start..<position
          }
        default: break
        }
        position += 1
      }
      return nil
    }

    private mutating func open(_ byte: UInt8) -> Bool { close(byte) }

    private mutating func close(_ byte: UInt8) -> Bool {
      skipSpace()
      guard position < end, text[position] == byte else { return false }
      position += 1
      return true
    }

    private mutating func isAtEnd() -> Bool {
      skipSpace()
      return position == end
    }

    private mutating func skipSpace() {
      while position < end, text[position] <= 0x20 { position += 1 }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
      switch byte {
      case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
  }
}
