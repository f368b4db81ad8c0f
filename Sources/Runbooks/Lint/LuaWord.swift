/// The words of a Lua script, as far as the linter needs them: text constants, names, signs, with
/// their lines. Comments are left out. The script has been compiled before, so that it is Lua.
enum LuaWord: Hashable {
  case text(String)
  case name(String)
  case sign(Character)

  /// A word and its line, counted from 1.
  typealias Placed = (word: LuaWord, line: Int)

  /// The words of a script in their order.
  static func words(of script: [UInt8]) -> [Placed] {
    var reader = Reader(bytes: script)
    var words: [Placed] = []
    while let word = reader.next() { words.append(word) }
    return words
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0
    var line = 1

    mutating func next() -> Placed? {
      while place < bytes.count {
        let byte = bytes[place]
        if byte == UInt8(ascii: "\n") {
          line += 1
          place += 1
        } else if byte <= 32 {
          place += 1
        } else if byte == UInt8(ascii: "-"), at(1) == UInt8(ascii: "-") {
          place += 2
          if longBracket() == nil { skipLine() }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          let start = line
          return (.text(quoted(byte)), start)
        } else if byte == UInt8(ascii: "[") {
          let start = line
          if let text = longBracket() { return (.text(text), start) }
          place += 1
          return (.sign("["), line)
        } else if Self.isName(byte) {
          let start = place
          while place < bytes.count, Self.isName(bytes[place]) { place += 1 }
          return (.name(String(decoding: bytes[start..<place], as: UTF8.self)), line)
        } else {
          place += 1
          return (.sign(Character(UnicodeScalar(byte))), line)
        }
      }
      return nil
    }

    private func at(_ offset: Int) -> UInt8? {
      place + offset < bytes.count ? bytes[place + offset] : nil
    }

    private mutating func skipLine() {
      while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    }

    private mutating func quoted(_ quote: UInt8) -> String {
      place += 1
      var text: [UInt8] = []
      while place < bytes.count, bytes[place] != quote {
        if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count { place += 1 }
        if bytes[place] == UInt8(ascii: "\n") { line += 1 }
        text.append(bytes[place])
        place += 1
      }
      place += 1
      return String(decoding: text, as: UTF8.self)
    }

    /// `[[…]]` or `[==[…]==]`; nil when there is none here.
    private mutating func longBracket() -> String? {
      guard at(0) == UInt8(ascii: "[") else { return nil }
      var level = 0
      while at(1 + level) == UInt8(ascii: "=") { level += 1 }
      guard at(1 + level) == UInt8(ascii: "[") else { return nil }
      let close =
        [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level)
        + [UInt8(ascii: "]")]
      place += level + 2
      var text: [UInt8] = []
      while place < bytes.count, !bytes[place...].starts(with: close) {
        if bytes[place] == UInt8(ascii: "\n") { line += 1 }
        text.append(bytes[place])
        place += 1
      }
      place += close.count
      return String(decoding: text, as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == 95
    }
  }
}
