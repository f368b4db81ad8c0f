/// A JSON Patch (RFC 6902) that cannot be applied.
package struct JSONPatchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which operation failed, and why.
  package let message: String

  package var description: String { message }
}

extension JSONValue {
  /// The value with a JSON Patch (RFC 6902) applied, all operations or none.
  package func applying(jsonPatch patch: JSONValue) throws(JSONPatchError) -> JSONValue {
    guard case .array(let operations) = patch else {
      throw JSONPatchError(message: "a JSON patch is an array of operations")
    }
    var result = self
    for (number, operation) in operations.enumerated() {
      do {
        try result.apply(operation)
      } catch {
        throw JSONPatchError(message: "operation \(number): \(error.message)")
      }
    }
    return result
  }

  private mutating func apply(_ operation: JSONValue) throws(JSONPatchError) {
    guard let name = operation["op"]?.stringValue, let path = operation["path"]?.stringValue else {
      throw JSONPatchError(message: "\"op\" and \"path\" are required")
    }
    let target = try Self.pointer(path)
    switch name {
    case "add": try change(target, to: .add(try Self.member("value", of: operation)))
    case "remove": try change(target, to: .remove)
    case "replace": try change(target, to: .replace(try Self.member("value", of: operation)))
    case "move", "copy":
      guard let from = operation["from"]?.stringValue else {
        throw JSONPatchError(message: "\"from\" is required")
      }
      let source = try Self.pointer(from)
      let value = try resolve(source)
      if name == "move" { try change(source, to: .remove) }
      try change(target, to: .add(value))
    case "test":
      guard try resolve(target) == Self.member("value", of: operation) else {
        throw JSONPatchError(message: "the test of \(path) failed")
      }
    default: throw JSONPatchError(message: "\"\(name)\" is no operation")
    }
  }

  private enum Change {
    case add(JSONValue)
    case replace(JSONValue)
    case remove
  }

  private mutating func change(_ path: [String], to change: Change) throws(JSONPatchError) {
    guard let first = path.first else {
      switch change {
      case .add(let value), .replace(let value): self = value
      case .remove: self = .null
      }
      return
    }
    if path.count > 1 {
      guard var child = self[first] ?? Int(first).flatMap({ self[$0] }) else {
        throw JSONPatchError(message: "there is nothing at \(first)")
      }
      try child.change(Array(path.dropFirst()), to: change)
      replace(first, with: child)
      return
    }
    switch self {
    case .object(var members):
      switch change {
      case .add(let value): members[first] = value
      case .replace(let value):
        guard members[first] != nil else {
          throw JSONPatchError(message: "there is no member \(first)")
        }
        members[first] = value
      case .remove:
        guard members.removeValue(forKey: first) != nil else {
          throw JSONPatchError(message: "there is no member \(first)")
        }
      }
      self = .object(members)
    case .array(var elements):
      try Self.change(&elements, at: first, to: change)
      self = .array(elements)
    default: throw JSONPatchError(message: "\(first) is below a value that has no members")
    }
  }

  private static func change(
    _ elements: inout [JSONValue], at place: String, to change: Change
  ) throws(JSONPatchError) {
    if place == "-", case .add(let value) = change {
      elements.append(value)
      return
    }
    guard let position = Int(place), position >= 0, position <= elements.count else {
      throw JSONPatchError(message: "there is no element \(place)")
    }
    if case .add(let value) = change {
      elements.insert(value, at: position)
      return
    }
    guard position < elements.count else {
      throw JSONPatchError(message: "there is no element \(place)")
    }
    if case .replace(let value) = change {
      elements[position] = value
    } else {
      elements.remove(at: position)
    }
  }

  private mutating func replace(_ name: String, with child: JSONValue) {
    if case .array(var elements) = self, let position = Int(name) {
      elements[position] = child
      self = .array(elements)
    } else {
      self[name] = child
    }
  }

  private func resolve(_ path: [String]) throws(JSONPatchError) -> JSONValue {
    var current = self
    for name in path {
      guard let next = current[name] ?? Int(name).flatMap({ current[$0] }) else {
        throw JSONPatchError(message: "there is nothing at \(name)")
      }
      current = next
    }
    return current
  }

  private static func member(
    _ name: String, of operation: JSONValue
  ) throws(JSONPatchError) -> JSONValue {
    guard let value = operation[name] else {
      throw JSONPatchError(message: "\"\(name)\" is required")
    }
    return value
  }

  /// Splits a JSON Pointer (RFC 6901) into its unescaped names.
  private static func pointer(_ text: String) throws(JSONPatchError) -> [String] {
    if text.isEmpty { return [] }
    guard text.hasPrefix("/") else {
      throw JSONPatchError(message: "the path \(text) does not start with /")
    }
    return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      unescape($0)
    }
  }

  private static func unescape(_ name: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in name {
      if isEscaped {
        result.append(character == "1" ? "/" : "~")
        isEscaped = false
      } else if character == "~" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
