/// Base64 with padding (RFC 4648), as Secrets hold their data.
enum Base64Text {
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let rest = bytes.count - position
      let first = Int(bytes[position])
      let second = rest > 1 ? Int(bytes[position + 1]) : 0
      let third = rest > 2 ? Int(bytes[position + 2]) : 0
      output.append(alphabet[first >> 2])
      output.append(alphabet[(first & 3) << 4 | second >> 4])
      output.append(rest > 1 ? alphabet[(second & 15) << 2 | third >> 6] : UInt8(ascii: "="))
      output.append(rest > 2 ? alphabet[third & 63] : UInt8(ascii: "="))
      position += 3
    }
    return String(decoding: output, as: UTF8.self)
  }
}
