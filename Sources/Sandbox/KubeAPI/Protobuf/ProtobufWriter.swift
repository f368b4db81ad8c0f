/// Writes the protobuf wire format: the few types that the OpenAPI document needs.
struct ProtobufWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func write(_ field: UInt64, _ text: String) {
    varint(field << 3 | 2)
    varint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write(_ field: UInt64, _ message: ProtobufWriter) {
    varint(field << 3 | 2)
    varint(UInt64(message.bytes.count))
    bytes.append(contentsOf: message.bytes)
  }

  mutating func write(_ field: UInt64, _ truth: Bool) {
    varint(field << 3)
    varint(truth ? 1 : 0)
  }

  mutating func write(_ field: UInt64, _ number: Int64) {
    varint(field << 3)
    varint(UInt64(bitPattern: number))
  }

  mutating func write(_ field: UInt64, _ number: Double) {
    varint(field << 3 | 1)
    let pattern = number.bitPattern
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: pattern >> shift))
    }
  }
}
