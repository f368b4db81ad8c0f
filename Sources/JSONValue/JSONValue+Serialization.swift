extension JSONValue: CustomStringConvertible {
  /// Compact JSON with sorted member names: equal values give equal bytes.
  package func serialized() -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(256)
    write(into: &output)
    return output
  }

  /// JSON as text; `pretty` indents by two spaces.
  package func serializedText(pretty: Bool = false) -> String {
    guard pretty else { return String(decoding: serialized(), as: UTF8.self) }
    var output: [UInt8] = []
    writePretty(into: &output, indent: 0)
    return String(decoding: output, as: UTF8.self)
  }

  package var description: String { serializedText() }

  /// Appends the value as compact JSON.
  package func write(into output: inout [UInt8]) {
    switch self {
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (offset, element) in elements.enumerated() {
        if offset > 0 { output.append(UInt8(ascii: ",")) }
        element.write(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (offset, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if offset > 0 { output.append(UInt8(ascii: ",")) }
        JSONText.append(string: member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.write(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    default:
      writeLeaf(into: &output)
    }
  }

  private func writeLeaf(into output: inout [UInt8]) {
    switch self {
    case .bool(let truth): output.append(contentsOf: (truth ? "true" : "false").utf8)
    case .integer(let integer): output.append(contentsOf: String(integer).utf8)
    case .double(let double): JSONText.append(double: double, to: &output)
    case .string(let text): JSONText.append(string: text, to: &output)
    case .null, .array, .object: output.append(contentsOf: "null".utf8)
    }
  }

  private func writePretty(into output: inout [UInt8], indent: Int) {
    let inner = String(repeating: "  ", count: indent + 1)
    let outer = String(repeating: "  ", count: indent)
    switch self {
    case .array(let elements) where !elements.isEmpty:
      for (offset, element) in elements.enumerated() {
        output.append(contentsOf: (offset == 0 ? "[\n" : ",\n").utf8)
        output.append(contentsOf: inner.utf8)
        element.writePretty(into: &output, indent: indent + 1)
      }
      output.append(contentsOf: "\n\(outer)]".utf8)
    case .object(let members) where !members.isEmpty:
      for (offset, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        output.append(contentsOf: (offset == 0 ? "{\n" : ",\n").utf8)
        output.append(contentsOf: inner.utf8)
        JSONText.append(string: member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        member.value.writePretty(into: &output, indent: indent + 1)
      }
      output.append(contentsOf: "\n\(outer)}".utf8)
    default: write(into: &output)
    }
  }
}
