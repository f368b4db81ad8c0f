/// Writing the leaves of JSON text.
enum JSONText {
  /// Appends a quoted string; only what RFC 8259 demands is escaped.
  static func append(string bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var start = 0
    for offset in 0..<bytes.count {
      let byte = unsafe bytes[offset]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      unsafe output.append(contentsOf: bytes[start..<offset])
      append(escaped: byte, to: &output)
      start = offset + 1
    }
    unsafe output.append(contentsOf: bytes[start...])
    output.append(UInt8(ascii: "\""))
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
