import JSONValue

/// Turns objects into a `meta.k8s.io/v1` Table, which is what `kubectl get` asks for.
struct TableRenderer: Sendable {
  /// What a row carries beside its cells (`includeObject`).
  enum IncludedObject: String, Sendable {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"
  }

  let columns: [PrinterColumn]
  let included: IncludedObject
  /// `v1` or `v1beta1`.
  let version: String

  func table(
    of objects: [JSONValue], listMetadata: JSONValue, now: KubeTime, withColumns: Bool = true
  ) -> JSONValue {
    [
      "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"),
      "metadata": listMetadata,
      "columnDefinitions": withColumns ? .array(columns.map(\.definition)) : .null,
      "rows": .array(objects.map { row($0, now: now) }),
    ]
  }

  private func row(_ object: JSONValue, now: KubeTime) -> JSONValue {
    var row: JSONValue = ["cells": .array(columns.map { Self.cell($0, of: object, now: now) })]
    switch included {
    case .none: row["object"] = .null
    case .object: row["object"] = object
    case .metadata: row["object"] = Self.partial(object, version: version)
    }
    return row
  }

  /// The object as PartialObjectMetadata.
  static func partial(_ object: JSONValue, version: String) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
      "metadata": object["metadata"] ?? [:],
    ]
  }

  private static func cell(
    _ column: PrinterColumn, of object: JSONValue, now: KubeTime
  ) -> JSONValue {
    switch column.cell {
    case .path(let path): return typed(path.results(in: object), as: column.type, now: now)
    case .count(let path):
      let value = object.value(at: path)
      return .integer(Int64(value?.objectValue?.count ?? value?.arrayValue?.count ?? 0))
    case .involvedObject:
      let kind = object.value(at: "involvedObject", "kind")?.stringValue ?? ""
      let name = object.value(at: "involvedObject", "name")?.stringValue ?? ""
      return .string(name.isEmpty ? kind.lowercased() : "\(kind.lowercased())/\(name)")
    case .eventSource:
      return object.value(at: "source", "component") ?? object["reportingComponent"] ?? ""
    case .eventLastSeen:
      let candidates = [
        object["lastTimestamp"], object.value(at: "series", "lastObservedTime"),
        object["eventTime"], object["firstTimestamp"],
        object.value(at: "metadata", "creationTimestamp"),
      ]
      for text in candidates.compactMap({ $0?.stringValue }) {
        return age(text, now: now)
      }
      return "<unknown>"
    case .ratio(let part, let whole):
      let ready = object.value(at: part)?.integerValue ?? 0
      let wanted = object.value(at: whole)
      let total = wanted?.integerValue ?? Int64(wanted?.arrayValue?.count ?? 0)
      return .string("\(ready)/\(total)")
    case .roleReference:
      let kind = object.value(at: "roleRef", "kind")?.stringValue ?? ""
      return .string("\(kind)/\(object.value(at: "roleRef", "name")?.stringValue ?? "")")
    }
  }

  /// A cell as `apiextensions-apiserver/pkg/registry/customresource/tableconvertor` types it.
  private static func typed(
    _ results: [JSONValue], as type: String, now: KubeTime
  ) -> JSONValue {
    guard let first = results.first else { return type == "date" ? "<unknown>" : .null }
    switch type {
    case "integer": return first.integerValue.map { .integer($0) } ?? .null
    case "number": return first.doubleValue == nil ? .null : first
    case "boolean": return first.boolValue.map { .bool($0) } ?? .null
    case "date": return first.stringValue.map { age($0, now: now) } ?? "<unknown>"
    default:
      let texts = results.map { $0.stringValue ?? ($0.isNull ? "" : $0.serializedText()) }
      return .string(texts.joined(separator: " "))
    }
  }

  private static func age(_ text: String, now: KubeTime) -> JSONValue {
    guard let time = KubeTime(parsing: text) else { return "<invalid>" }
    return .string(HumanDuration.text(since: time, now: now))
  }
}
