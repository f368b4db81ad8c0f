/// Percent-encoding of a path segment or a query value (RFC 3986: all but unreserved characters).
enum PercentEncoding {
  static func encode(_ text: String) -> String {
    if text.utf8.allSatisfy(isUnreserved) { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `?a=b&c=d`, or nothing for no parameters.
  static func query(_ parameters: [(String, String)]) -> String {
    var text = ""
    for (name, value) in parameters {
      text += "\(text.isEmpty ? "?" : "&")\(encode(name))=\(encode(value))"
    }
    return text
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95, 126: true
    default: false
    }
  }
}
