/// Percent-encoding of URLs.
enum PercentText {
  /// Decodes `%41`; in a query a plus is a space. What is no valid escape stays as it is.
  static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
    var output: [UInt8] = []
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "%"), position + 2 < bytes.count,
        let high = nibble(bytes[position + 1]), let low = nibble(bytes[position + 2])
      {
        output.append(high << 4 | low)
        position += 3
        continue
      }
      output.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      position += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 65...70: digit - 55
    case 97...102: digit - 87
    default: nil
    }
  }
}
