import JSONValue
import Yams

/// YAML as JSON has it. A quoted scalar is a text whatever it looks like.
enum YAMLValue {
  static func json(_ node: Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      return .object(
        Dictionary(
          mapping.map { ($0.key.string ?? "", json($0.value)) }, uniquingKeysWith: { $1 }))
    case .sequence(let sequence): return .array(sequence.map(json))
    case .scalar(let scalar):
      guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
      return plain(scalar.string)
    case .alias: return .null
    }
  }

  private static func plain(_ text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: break
    }
    if let integer = Int64(text) { return .integer(integer) }
    let isNumeric = text.utf8.first.map { (48...57).contains($0) || $0 == 45 || $0 == 46 } == true
    if isNumeric, let number = Double(text) { return .double(number) }
    return .string(text)
  }
}
