/// Percent-encoding of UTF-8, without Foundation.
enum PercentEncoding {
  /// A query's name or value: only RFC 3986's unreserved characters stay.
  static func query(_ text: String) -> String {
    encode(text, limit: .max) { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case 0x2D, 0x2E, 0x5F, 0x7E: true
      default: false
      }
    }
  }

  /// A value of `X-Audit-Log-Reason`: "between 1 and 512 URL-encoded UTF-8 characters". The encoded
  /// text is held to 512, cut between whole characters, which satisfies both ways to count.
  static func auditLogReason(_ text: String) -> String {
    encode(text, limit: 512) { byte in
      // Printable ASCII but the space, `%` (the escape) and `+` (a space to some decoders).
      byte > 0x20 && byte < 0x7F && byte != 0x25 && byte != 0x2B
    }
  }

  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func encode(_ text: String, limit: Int, keeps: (UInt8) -> Bool) -> String {
    var encoded: [UInt8] = []
    for character in text {
      let start = encoded.count
      for byte in character.utf8 {
        if keeps(byte) {
          encoded.append(byte)
        } else {
          encoded.append(0x25)
          encoded.append(digits[Int(byte >> 4)])
          encoded.append(digits[Int(byte & 15)])
        }
      }
      guard encoded.count <= limit else {
        encoded.removeSubrange(start...)
        break
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
