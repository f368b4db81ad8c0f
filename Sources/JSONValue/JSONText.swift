/// Writing the leaves of JSON text.
enum JSONText {
  /// Appends a quoted string; only what RFC 8259 demands is escaped.
  static func append(string bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var start = 0
    var offset = 0
    while offset < bytes.count {
      if offset + 8 <= bytes.count, unsafe isPlain(bytes.loadEight(at: offset)) {
        offset += 8
        continue
      }
      let byte = unsafe bytes[offset]
      if isEscaped(byte) {
        unsafe output.append(contentsOf: bytes[start..<offset])
        append(escaped: byte, to: &output)
        start = offset + 1
      }
      offset += 1
    }
    unsafe output.append(contentsOf: bytes[start...])
    output.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Whether none of eight bytes has to be escaped. It may say no without need, never yes: a byte
  /// that is less than `n` is one from which `n` can't be taken without a borrow into its high bit.
  private static func isPlain(_ eight: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    func hasByte(below limit: UInt64, _ word: UInt64) -> UInt64 {
      (word &- ones &* limit) & ~word
    }
    let quotes = eight ^ (ones &* 0x22)
    let backslashes = eight ^ (ones &* 0x5C)
    let found =
      hasByte(below: 0x20, eight) | hasByte(below: 1, quotes)
      | hasByte(below: 1, backslashes)
    return found & (ones &* 0x80) == 0
  }

  /// Appends a quoted string.
  static func append(string text: String, to output: inout [UInt8]) {
    var text = text
    text.withUTF8 { unsafe append(string: $0, to: &output) }
  }

  /// Appends a double in its shortest exact form. JSON has no infinity and no NaN: they become null.
  static func append(double: Double, to output: inout [UInt8]) {
    output.append(contentsOf: double.isFinite ? double.description.utf8 : "null".utf8)
  }

  private static func append(escaped byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      output.append(contentsOf: "u00".utf8)
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func loadEight(at offset: Int) -> UInt64 {
    unsafe UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
