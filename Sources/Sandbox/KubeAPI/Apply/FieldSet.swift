package import JSONValue

/// A set of field paths, as `fieldsV1` of managedFields holds it.
package struct FieldSet: Sendable, Hashable {
  /// One step of a field path.
  package enum Element: Sendable, Hashable, Comparable {
    /// A member of an object: `f:name`.
    case field(String)
    /// An element of a map-like list by its keys: `k:{"name":"a"}`, the JSON with sorted members.
    case key(String)
    /// An element of a set-like list by its value: `v:"a"`, as JSON.
    case value(String)
    /// An element by its place: `i:0`.
    case index(Int)

    var text: String {
      switch self {
      case .field(let name): "f:\(name)"
      case .key(let key): "k:\(key)"
      case .value(let value): "v:\(value)"
      case .index(let place): "i:\(place)"
      }
    }

    init?(_ text: String) {
      let rest = String(text.dropFirst(2))
      switch text.prefix(2) {
      case "f:": self = .field(rest)
      // Read and written again: clients need not spell the JSON as we do.
      case "k:": self = .key((try? JSONValue(parsing: rest))?.serializedText() ?? rest)
      case "v:": self = .value((try? JSONValue(parsing: rest))?.serializedText() ?? rest)
      case "i:":
        guard let place = Int(rest) else { return nil }
        self = .index(place)
      default: return nil
      }
    }
  }

  /// Whether the path that leads here is itself in the set.
  package var isMember = false
  /// What is below.
  package var children: [Element: FieldSet] = [:]

  /// The empty set.
  package init() {}

  /// A set with one leaf.
  static let leaf: FieldSet = {
    var set = FieldSet()
    set.isMember = true
    return set
  }()

  /// Whether nothing is in the set.
  package var isEmpty: Bool { !isMember && children.isEmpty }

  /// Reads `fieldsV1`.
  package init(fieldsV1 value: JSONValue) {
    for (name, below) in value.objectValue ?? [:] {
      if name == "." {
        isMember = true
      } else if let element = Element(name) {
        var child = FieldSet(fieldsV1: below)
        // A leaf is written as an empty object.
        if below.objectValue?.isEmpty ?? true { child.isMember = true }
        children[element] = child
      }
    }
  }

  /// The set as `fieldsV1`.
  package var fieldsV1: JSONValue {
    var members: [String: JSONValue] = [:]
    if isMember, !children.isEmpty { members["."] = [:] }
    for (element, child) in children { members[element.text] = child.fieldsV1 }
    return .object(members)
  }

  func union(_ other: FieldSet) -> FieldSet {
    var result = self
    result.isMember = isMember || other.isMember
    for (element, child) in other.children {
      result.children[element] = result.children[element].map { $0.union(child) } ?? child
    }
    return result
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet()
    result.isMember = isMember && other.isMember
    for (element, child) in children {
      guard let theirs = other.children[element] else { continue }
      let common = child.intersection(theirs)
      if !common.isEmpty { result.children[element] = common }
    }
    return result
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = FieldSet()
    result.isMember = isMember && !other.isMember
    for (element, child) in children {
      let rest = other.children[element].map { child.subtracting($0) } ?? child
      if !rest.isEmpty { result.children[element] = rest }
    }
    return result
  }

  /// The set without the given paths and everything below them.
  func removingTrees(_ roots: FieldSet) -> FieldSet {
    var result = FieldSet()
    result.isMember = isMember
    for (element, child) in children {
      guard let theirs = roots.children[element] else {
        result.children[element] = child
        continue
      }
      if theirs.isMember { continue }
      let rest = child.removingTrees(theirs)
      if !rest.isEmpty { result.children[element] = rest }
    }
    return result
  }

  /// The set with every path on the way to a member.
  var closed: FieldSet {
    var result = self
    result.isMember = isMember || !children.isEmpty
    result.children = children.mapValues(\.closed)
    return result
  }

  /// Every path in the set, as error messages write them: `.spec.a`, `.spec.list[name="x"].b`.
  package var paths: [String] {
    var result: [String] = []
    collect("", into: &result)
    return result.sorted()
  }

  private func collect(_ prefix: String, into result: inout [String]) {
    if isMember, !prefix.isEmpty { result.append(prefix) }
    for (element, child) in children {
      child.collect(prefix + Self.pathText(element), into: &result)
    }
  }

  private static func pathText(_ element: Element) -> String {
    switch element {
    case .field(let name): return ".\(name)"
    case .value(let value): return "[=\(value)]"
    case .index(let place): return "[\(place)]"
    case .key(let text):
      let members = (try? JSONValue(parsing: text))?.objectValue ?? [:]
      let pairs = members.sorted { $0.key < $1.key }.map {
        "\($0.key)=\($0.value.serializedText())"
      }
      return "[\(pairs.joined(separator: ","))]"
    }
  }

  /// The set of single-step paths to everything in `path`, ending in a leaf.
  static func path(_ names: String...) -> FieldSet {
    names.reversed().reduce(FieldSet.leaf) { below, name in
      var set = FieldSet()
      set.children[.field(name)] = below
      return set
    }
  }
}
