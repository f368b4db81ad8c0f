/// Takes a script apart (reference manual of Lua 5.4, section 3.1).
struct LuaLexer {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var lineStart = 0
  private(set) var comments: [LuaComment] = []

  init(_ text: [UInt8]) {
    bytes = text
    // A first line that begins with # is for Unix.
    if bytes.first == UInt8(ascii: "#") { skipLine() }
  }

  /// The next token; `.end` at the end, as often as it is asked for.
  mutating func next() throws(LuaSyntaxError) -> LuaToken {
    try skipBlanks()
    let position = position
    guard let byte = peek() else { return LuaToken(kind: .end, position: position) }
    if Self.isNameStart(byte) { return LuaToken(kind: word(), position: position) }
    if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true) {
      return LuaToken(kind: .number(try number(at: position)), position: position)
    }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      return LuaToken(kind: .string(try quoted(at: position)), position: position)
    }
    if byte == UInt8(ascii: "["), let level = longBracketLevel() {
      let text = try longText(level: level, what: "text", at: position)
      return LuaToken(kind: .string(text), position: position)
    }
    return LuaToken(kind: .symbol(try symbol(at: position)), position: position)
  }

  /// Where the next byte stands; columns count characters.
  private var position: LuaPosition {
    let characters = bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 }
    return LuaPosition(line: line, column: characters + 1)
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    offset + distance < bytes.count ? bytes[offset + distance] : nil
  }

  private mutating func advance() {
    if bytes[offset] == UInt8(ascii: "\n") {
      line += 1
      lineStart = offset + 1
    }
    offset += 1
  }

  private mutating func skipLine() {
    while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
  }

  private mutating func skipBlanks() throws(LuaSyntaxError) {
    while let byte = peek() {
      if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
        advance()
      } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(LuaSyntaxError) {
    let start = position
    offset += 2
    if peek() == UInt8(ascii: "["), let level = longBracketLevel() {
      let text = try longText(level: level, what: "comment", at: start)
      comments.append(LuaComment(line: start.line, text: text))
      return
    }
    let first = offset
    skipLine()
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    comments.append(LuaComment(line: start.line, text: text))
  }

  private mutating func word() -> LuaToken.Kind {
    let first = offset
    while let byte = peek(), Self.isNameStart(byte) || Self.isDigit(byte) { advance() }
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    return LuaToken.keywords.contains(text) ? .symbol(text) : .name(text)
  }

  private mutating func number(at start: LuaPosition) throws(LuaSyntaxError) -> String {
    let first = offset
    let isHex =
      peek() == UInt8(ascii: "0") && (peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X"))
    if isHex { offset += 2 }
    let exponents: [UInt8] =
      isHex ? [UInt8(ascii: "p"), UInt8(ascii: "P")] : [UInt8(ascii: "e"), UInt8(ascii: "E")]
    while let byte = peek() {
      if exponents.contains(byte) {
        offset += 1
        if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { offset += 1 }
      } else if Self.isDigit(byte) || Self.isNameStart(byte) || byte == UInt8(ascii: ".") {
        offset += 1
      } else {
        break
      }
    }
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    guard Self.isNumber(text, isHex: isHex) else {
      throw LuaSyntaxError(position: start, message: "malformed number '\(text)'")
    }
    return text
  }

  private static func isNumber(_ text: String, isHex: Bool) -> Bool {
    var digits = Substring(text)
    if isHex { digits = digits.dropFirst(2) }
    let split = digits.split(
      maxSplits: 1, omittingEmptySubsequences: false,
      whereSeparator: { isHex ? $0 == "p" || $0 == "P" : $0 == "e" || $0 == "E" })
    let mantissa = split[0].split(separator: ".", omittingEmptySubsequences: false)
    guard mantissa.count <= 2, mantissa.contains(where: { !$0.isEmpty }) else { return false }
    let isDigit: (Character) -> Bool = { isHex ? $0.isHexDigit : $0.isASCII && $0.isNumber }
    guard mantissa.allSatisfy({ $0.allSatisfy(isDigit) }) else { return false }
    guard split.count == 2 else { return true }
    let exponent = split[1].drop { $0 == "+" || $0 == "-" }
    return !exponent.isEmpty && exponent.allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// The number of = signs of an opening long bracket that begins here; nil when none does.
  private func longBracketLevel() -> Int? {
    var level = 0
    while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
    return peek(1 + level) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func longText(
    level: Int, what: String, at start: LuaPosition
  ) throws(LuaSyntaxError) -> String {
    offset += level + 2
    if peek() == UInt8(ascii: "\r") { advance() }
    if peek() == UInt8(ascii: "\n") { advance() }
    let first = offset
    let close =
      [UInt8(ascii: "]")] + Array(repeating: UInt8(ascii: "="), count: level) + [
        UInt8(ascii: "]")
      ]
    while offset < bytes.count {
      if bytes[offset...].starts(with: close) {
        let text = String(decoding: bytes[first..<offset], as: UTF8.self)
        offset += close.count
        return text
      }
      advance()
    }
    throw LuaSyntaxError(position: start, message: "this long \(what) has no end")
  }

  private mutating func symbol(at start: LuaPosition) throws(LuaSyntaxError) -> String {
    for length in [3, 2, 1] where offset + length <= bytes.count {
      let text = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
      guard Self.symbols.contains(text) else { continue }
      offset += length
      return text
    }
    let rest = String(decoding: bytes[offset...].prefix(8), as: UTF8.self)
    throw LuaSyntaxError(
      position: start, message: "'\(rest.first.map(String.init) ?? "?")' has no meaning in Lua")
  }

  private static let symbols: Set<String> = [
    "+", "-", "*", "/", "%", "^", "#", "&", "~", "|", "<<", ">>", "//", "==", "~=", "<=", ">=", "<",
    ">", "=", "(", ")", "{", "}", "[", "]", "::", ";", ":", ",", ".", "..", "...",
  ]

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (65...90).contains(byte) || (97...122).contains(byte)
  }
}

extension LuaLexer {
  private mutating func quoted(at start: LuaPosition) throws(LuaSyntaxError) -> String {
    let quote = bytes[offset]
    offset += 1
    var text: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case quote:
        offset += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        throw LuaSyntaxError(position: start, message: "this text has no end in its line")
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw LuaSyntaxError(position: start, message: "this text has no end")
  }

  private static let simpleEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92,
    UInt8(ascii: "\""): 34, UInt8(ascii: "'"): 39, UInt8(ascii: "\n"): 10,
  ]

  private mutating func escape(into text: inout [UInt8]) throws(LuaSyntaxError) {
    let start = position
    offset += 1
    guard let byte = peek() else { return }
    if let simple = Self.simpleEscapes[byte] {
      advance()
      text.append(simple)
    } else if byte == UInt8(ascii: "z") {
      offset += 1
      while let blank = peek(), blank == UInt8(ascii: " ") || (9...13).contains(blank) { advance() }
    } else if byte == UInt8(ascii: "x") {
      offset += 1
      let digits = take(2) { $0.isHexDigit }
      guard digits.count == 2, let value = UInt8(digits, radix: 16) else {
        throw LuaSyntaxError(position: start, message: "\\x needs two hexadecimal digits")
      }
      text.append(value)
    } else if byte == UInt8(ascii: "u") {
      try codePoint(into: &text, at: start)
    } else if Self.isDigit(byte) {
      let digits = take(3) { $0.isASCII && $0.isNumber }
      guard let value = UInt8(digits) else {
        throw LuaSyntaxError(position: start, message: "\\\(digits) is more than 255")
      }
      text.append(value)
    } else {
      throw LuaSyntaxError(position: start, message: "this escape does not exist in Lua")
    }
  }

  private mutating func codePoint(
    into text: inout [UInt8], at start: LuaPosition
  ) throws(LuaSyntaxError) {
    offset += 1
    let isOpen = peek() == UInt8(ascii: "{")
    if isOpen { offset += 1 }
    let digits = take(8) { $0.isHexDigit }
    guard isOpen, peek() == UInt8(ascii: "}"), let value = UInt32(digits, radix: 16),
      value < 1 << 31
    else { throw LuaSyntaxError(position: start, message: "\\u needs {hexadecimal digits}") }
    offset += 1
    // What is no Unicode character is kept as a sign that there is one; only its place matters here.
    text.append(contentsOf: String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
  }

  private mutating func take(_ most: Int, while isWanted: (Character) -> Bool) -> String {
    var text = ""
    while text.count < most, let byte = peek(), isWanted(Character(Unicode.Scalar(byte))) {
      text.append(Character(Unicode.Scalar(byte)))
      offset += 1
    }
    return text
  }
}
