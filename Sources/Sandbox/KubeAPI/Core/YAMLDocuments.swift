package import JSONValue
import Yams

/// Reads YAML as Kubernetes does: each document as a JSON value.
package enum YAMLDocuments {
  /// A text that is not YAML, or has keys that are not strings.
  package struct ParseError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, with the line.
    package let message: String
    package var description: String { message }
  }

  /// Every document of a text; empty documents are left out.
  package static func parse(_ text: String) throws(ParseError) -> [JSONValue] {
    do {
      var documents: [JSONValue] = []
      for node in try Yams.compose_all(yaml: text) {
        let value = convert(node)
        if !value.isNull { documents.append(value) }
      }
      return documents
    } catch {
      throw ParseError(message: "not valid YAML: \(error)")
    }
  }

  private static func convert(_ node: Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, value) in mapping { members[key.string ?? ""] = convert(value) }
      return .object(members)
    case .sequence(let sequence): return .array(sequence.map(convert))
    case .scalar(let scalar):
      // A quoted scalar is text whatever it looks like; `tag` follows YAML 1.1's rules for the rest.
      switch node.tag.description {
      case Tag.Name.null.rawValue: return .null
      case Tag.Name.bool.rawValue:
        return Bool.construct(from: scalar).map { .bool($0) } ?? .string(scalar.string)
      case Tag.Name.int.rawValue:
        return Int.construct(from: scalar).map { .integer(Int64($0)) } ?? .string(scalar.string)
      case Tag.Name.float.rawValue:
        return Double.construct(from: scalar).map { .double($0) } ?? .string(scalar.string)
      default: return .string(scalar.string)
      }
    case .alias: return .null
    }
  }
}
