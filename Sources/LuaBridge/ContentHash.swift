/// A 128-bit FNV-1a hash: tells versions of scripts apart. It is no protection against somebody who
/// wants two texts to have the same hash.
struct ContentHash {
  private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
  private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

  /// Adds one field; its length goes in too, so that fields cannot run into each other.
  mutating func add(_ bytes: some Collection<UInt8>) {
    var count = UInt64(bytes.count)
    for _ in 0..<8 {
      add(byte: UInt8(truncatingIfNeeded: count))
      count >>= 8
    }
    for byte in bytes { add(byte: byte) }
  }

  /// 32 hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  private mutating func add(byte: UInt8) {
    state = (state ^ UInt128(byte)) &* Self.prime
  }
}
