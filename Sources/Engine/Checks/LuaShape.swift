package import JSONValue

/// What is known of a value without running the script.
indirect enum LuaShape {
  case unknown
  /// What `require` gave.
  case module(String)
  /// A function of a module.
  case function(module: String, name: String)
  /// `string`, `table`, `math` or `utf8`.
  case library(String)
  /// The `ctx` of a rule's functions.
  case context
  /// `ctx.spec`.
  case contextSpec
  /// A value with this schema; the path is shown in messages.
  case schema(JSONValue, path: String)
  /// A table of which all members are known, and nothing more of them.
  case members(Set<String>, path: String)
  /// An element of each of the values that `ipairs` or `pairs` gives.
  case iteration(LuaShape)
  /// `perform` of a library module.
  case perform
  /// `{}` and whatever says nothing, so that `x or {}` is what x is.
  case nothing
}

/// Schemas of custom resources, as far as the checks need them.
package struct ResourceSchemas: Sendable {
  private let byKind: [String: JSONValue]

  /// - Parameter definitions: CustomResourceDefinitions as JSON.
  package init(definitions: [JSONValue]) {
    var byKind: [String: JSONValue] = [:]
    for definition in definitions {
      guard let kind = definition.value(at: "spec", "names", "kind")?.stringValue,
        let versions = definition.value(at: "spec", "versions")?.arrayValue,
        let version = versions.first(where: { $0["storage"]?.boolValue == true }) ?? versions.first,
        let schema = version.value(at: "schema", "openAPIV3Schema")
      else { continue }
      // What every object has, whatever its schema says.
      let always = ["apiVersion", "kind", "metadata", "status"].reduce(into: schema) {
        $0.set($0.value(at: "properties", $1) ?? [:], at: ["properties", $1])
      }
      byKind[kind] = always
    }
    self.byKind = byKind
  }

  /// The kinds, sorted.
  package var kinds: [String] { byKind.keys.sorted() }

  /// The schema of a kind's objects.
  package subscript(kind: String) -> JSONValue? { byKind[kind] }

  /// What the objects of a kind have; for nil, what those of any kind have. An empty schema, about
  /// which nothing is known, for a kind that has none here.
  func object(of kind: String?) -> JSONValue {
    if let kind { return byKind[kind] ?? [:] }
    return byKind.values.reduce([:]) { Self.union($0, $1) }
  }

  private static func union(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
    guard let old = left["properties"]?.objectValue else { return right }
    guard let new = right["properties"]?.objectValue else { return left }
    var merged = left
    merged["properties"] = .object(old.merging(new) { union($0, $1) })
    return merged
  }

  /// The schema of a member; `.unknown` when the schema allows any member.
  enum Member {
    case known(JSONValue)
    case absent([String])
    case unknown
  }

  static func member(_ name: String, of schema: JSONValue) -> Member {
    guard let properties = schema["properties"]?.objectValue, !properties.isEmpty,
      schema["x-kubernetes-preserve-unknown-fields"]?.boolValue != true,
      schema["additionalProperties"] == nil
    else { return .unknown }
    return properties[name].map { .known($0) } ?? .absent(properties.keys.sorted())
  }
}
