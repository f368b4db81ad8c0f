/// SHA-256 and HMAC over it (FIPS 180-4, RFC 2104). For evidence of a few hundred kilobytes, which
/// is no reason for a cryptographic library.
package struct SHA256Digest: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]

  /// The digest's 32 bytes.
  package static func bytes(of message: [UInt8]) -> [UInt8] {
    var digest = SHA256Digest()
    var padded = message
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(message.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    var schedule = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: padded.count, by: 64) {
      digest.add(padded[start..<start + 64], &schedule)
    }
    return digest.state.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  /// 64 hexadecimal digits.
  package static func hex(of message: [UInt8]) -> String { hex(bytes(of: message)) }

  /// The keyed hash of a message, in hexadecimal digits.
  package static func hmac(of message: [UInt8], key: [UInt8]) -> String {
    var block = key.count > 64 ? bytes(of: key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = bytes(of: block.map { $0 ^ 0x36 } + message)
    return hex(bytes(of: block.map { $0 ^ 0x5c } + inner))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func add(_ block: ArraySlice<UInt8>, _ schedule: inout [UInt32]) {
    let start = block.startIndex
    for place in 0..<16 {
      let offset = start + place * 4
      schedule[place] =
        UInt32(block[offset]) << 24 | UInt32(block[offset + 1]) << 16
        | UInt32(block[offset + 2]) << 8 | UInt32(block[offset + 3])
    }
    for place in 16..<64 {
      let (early, late) = (schedule[place - 15], schedule[place - 2])
      let first = Self.turned(early, 7) ^ Self.turned(early, 18) ^ (early >> 3)
      let second = Self.turned(late, 17) ^ Self.turned(late, 19) ^ (late >> 10)
      schedule[place] = schedule[place - 16] &+ first &+ schedule[place - 7] &+ second
    }
    var word = state
    for place in 0..<64 {
      let sum = Self.turned(word[4], 6) ^ Self.turned(word[4], 11) ^ Self.turned(word[4], 25)
      let choice = (word[4] & word[5]) ^ (~word[4] & word[6])
      let first = word[7] &+ sum &+ choice &+ Self.constants[place] &+ schedule[place]
      let other = Self.turned(word[0], 2) ^ Self.turned(word[0], 13) ^ Self.turned(word[0], 22)
      let majority = (word[0] & word[1]) ^ (word[0] & word[2]) ^ (word[1] & word[2])
      word = [
        first &+ other &+ majority, word[0], word[1], word[2], word[3] &+ first, word[4], word[5],
        word[6],
      ]
    }
    for place in 0..<8 { state[place] = state[place] &+ word[place] }
  }

  private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}
