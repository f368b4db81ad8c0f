extension JSONCursor {
  /// The value under the cursor as compact JSON, members in the order of the text.
  package func serialized() -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(256)
    write(into: &output)
    return output
  }

  /// The members of the object under the cursor that have these names, as a compact JSON object; nil
  /// when it has none of them, or is no object.
  package func serialized(only names: Set<String>) -> [UInt8]? {
    let members = isObject ? members.filter { names.contains($0.name) } : []
    guard !members.isEmpty else { return nil }
    var output: [UInt8] = [UInt8(ascii: "{")]
    for (place, member) in members.enumerated() {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      JSONText.append(string: member.name, to: &output)
      output.append(UInt8(ascii: ":"))
      member.value.write(into: &output)
    }
    output.append(UInt8(ascii: "}"))
    return output
  }

  /// Appends the value under the cursor as compact JSON.
  ///
  /// - Parameter omitting: the path of one member to leave out, for dropping what is large and not
  ///   ours, such as `["metadata", "managedFields"]`.
  package func write(into output: inout [UInt8], omitting: [String] = []) {
    switch tag {
    case .object:
      writeObject(into: &output, omitting: omitting)
    case .array:
      output.append(UInt8(ascii: "["))
      var isFirst = true
      for element in elements {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        element.write(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .string:
      unsafe JSONText.append(string: stringBytes, to: &output)
    case .integer, .unsigned, .double:
      writeNumber(into: &output)
    case .true: output.append(contentsOf: "true".utf8)
    case .false: output.append(contentsOf: "false".utf8)
    case .null: output.append(contentsOf: "null".utf8)
    }
  }

  private func writeObject(into output: inout [UInt8], omitting: [String]) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    var position = index + 1
    let stop = end - 1
    while position < stop {
      let name = JSONCursor(document: document, index: position)
      let value = JSONCursor(document: document, index: position + 1)
      position = value.end
      let isOnPath = omitting.first.map { $0 == name.string } ?? false
      if isOnPath && omitting.count == 1 { continue }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      unsafe JSONText.append(string: name.stringBytes, to: &output)
      output.append(UInt8(ascii: ":"))
      value.write(into: &output, omitting: isOnPath ? Array(omitting.dropFirst()) : [])
    }
    output.append(UInt8(ascii: "}"))
  }

  private func writeNumber(into output: inout [UInt8]) {
    let bits = unsafe document.tape[index + 1]
    switch tag {
    case .integer: output.append(contentsOf: String(Int64(bitPattern: bits)).utf8)
    case .unsigned: output.append(contentsOf: String(bits).utf8)
    default: JSONText.append(double: Double(bitPattern: bits), to: &output)
    }
  }
}
