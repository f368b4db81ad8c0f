package import JSONValue

/// A field selector as in a query: `metadata.name=a,type!=Normal`. Each resource knows only a few
/// fields, as in the real server.
package struct FieldSelector: Sendable {
  private struct Requirement: Sendable {
    let path: [String]
    let value: String
    let isNegated: Bool
  }

  private let requirements: [Requirement]

  /// The name that every selected object has, when the selector asks for one.
  package var name: String? {
    requirements.first { $0.path == ["metadata", "name"] && !$0.isNegated }?.value
  }

  /// Parses a selector for a resource; a field that the resource has no index for is an error.
  package init(parsing text: String, for resource: GroupResource) throws(APIStatusError) {
    var requirements: [Requirement] = []
    for part in text.split(separator: ",") {
      guard
        let place = part.firstRange(of: "!=") ?? part.firstRange(of: "==")
          ?? part.firstRange(of: "=")
      else {
        throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
      }
      let field = String(part[..<place.lowerBound])
      guard let path = Self.path(of: field, in: resource) else {
        let isCustom = resource.group.contains(".") && !resource.group.hasSuffix(".k8s.io")
        throw .badRequest(
          isCustom
            ? "field label not supported: \(field)"
            : "\"\(field)\" is not a known field selector: only \"metadata.name\", "
              + "\"metadata.namespace\"")
      }
      requirements.append(
        Requirement(
          path: path, value: Self.unescaped(part[place.upperBound...]),
          isNegated: part[place] == "!="))
    }
    self.requirements = requirements
  }

  private static let eventFields: Set<String> = [
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
    "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
    "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
  ]

  private static func path(of field: String, in resource: GroupResource) -> [String]? {
    if field == "metadata.name" || field == "metadata.namespace" {
      return field.split(separator: ".").map(String.init)
    }
    let known: Bool =
      switch resource.description {
      case "events": eventFields.contains(field)
      case "secrets": field == "type"
      case "namespaces": field == "status.phase"
      case "pods": ["spec.nodeName", "status.phase", "spec.restartPolicy"].contains(field)
      default: false
      }
    guard known else { return nil }
    return field == "source"
      ? ["source", "component"] : field.split(separator: ".").map(String.init)
  }

  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        result.append(character)
        isEscaped = false
      }
    }
    return result
  }

  /// Whether an object's fields fit.
  package func matches(_ object: JSONValue) -> Bool {
    requirements.allSatisfy { requirement in
      let value = object.value(at: requirement.path)?.stringValue ?? ""
      return (value == requirement.value) != requirement.isNegated
    }
  }
}
