package import JSONValue
import Yams

/// What a company sets for its runbooks: figures, contacts, names.
package struct RunbookValues: Sendable, Hashable {
  /// A file that cannot be used, with what is wrong.
  package struct ReadError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// By runbook and name.
  package var thresholds: [String: [String: Double]] = [:]
  /// Those of the text itself, without its base's.
  private var ownThresholds: [String: [String: Double]] = [:]
  package var contacts: [String: String] = [:]
  /// namespace, deployment, appLabel, container, networkPolicy.
  package var target: [String: String] = [:]
  package var probeHosts: [String] = []
  /// Labels that select the provider's series in Prometheus.
  package var metricLabels: [String: String] = [:]
  /// `ctx.values`.
  package var free: JSONValue = [:]

  /// Nothing but the runbooks' own defaults.
  package init() {}

  private static let members: Set<String> = [
    "thresholds", "contacts", "target", "probeHosts", "metricLabels", "values",
  ]
  private static let targetMembers: Set<String> = [
    "namespace", "deployment", "appLabel", "container", "networkPolicy", "providerConfig", "lease",
  ]

  /// Reads YAML.
  ///
  /// - Parameter base: YAML of the same form that counts for what the text leaves out.
  /// - Throws: `ReadError` with the member that is unknown or of the wrong shape.
  package init(yaml text: String, over base: String = "") throws {
    let own = try Self.parse(text)
    // Alone at first, so that what is wrong is not hidden by what it replaces.
    try self.init(own)
    if !base.isEmpty {
      let ownThresholds = thresholds
      try self.init(Self.parse(base).applying(mergePatch: own))
      self.ownThresholds = ownThresholds
    }
  }

  private static func parse(_ text: String) throws -> JSONValue {
    do {
      return try Yams.compose(yaml: text).map(YAMLValue.json) ?? [:]
    } catch {
      throw ReadError(description: "not valid YAML: \(error)")
    }
  }

  /// Reads the values as JSON has them.
  package init(_ value: JSONValue) throws(ReadError) {
    if value.isNull { return }
    guard let root = value.objectValue else {
      throw ReadError(description: "must be a mapping of \(Self.members.sorted())")
    }
    for name in root.keys.sorted() where !Self.members.contains(name) {
      throw ReadError(
        description: "there is no \"\(name)\"; there are "
          + Self.members.sorted().joined(separator: ", "))
    }
    for (runbook, numbers) in root["thresholds"]?.objectValue ?? [:] {
      for (name, number) in numbers.objectValue ?? [:] {
        guard let number = number.doubleValue else {
          throw ReadError(description: "thresholds.\(runbook).\(name) must be a number")
        }
        thresholds[runbook, default: [:]][name] = number
      }
    }
    ownThresholds = thresholds
    contacts = try Self.texts(root["contacts"], "contacts")
    target = try Self.texts(root["target"], "target")
    for name in target.keys.sorted() where !Self.targetMembers.contains(name) {
      throw ReadError(
        description: "target has no \"\(name)\"; there are "
          + Self.targetMembers.sorted().joined(separator: ", "))
    }
    metricLabels = try Self.texts(root["metricLabels"], "metricLabels")
    for host in root["probeHosts"]?.arrayValue ?? [] {
      guard let host = host.stringValue else {
        throw ReadError(description: "probeHosts must be an array of names")
      }
      probeHosts.append(host)
    }
    if let free = root["values"], !free.isNull { self.free = free }
  }

  private static func texts(
    _ value: JSONValue?, _ name: String
  ) throws(ReadError) -> [String: String] {
    guard let value, !value.isNull else { return [:] }
    guard let members = value.objectValue else {
      throw ReadError(description: "\(name) must be a mapping of texts")
    }
    var texts: [String: String] = [:]
    for (key, member) in members {
      guard let text = member.stringValue else {
        throw ReadError(description: "\(name).\(key) must be a text")
      }
      texts[key] = text
    }
    return texts
  }

  /// The numbers of a runbook: its defaults, overridden.
  package func thresholds(of runbook: RunbookDescription) -> [String: Double] {
    var numbers = Dictionary(
      runbook.thresholds.map { ($0.name, $0.standard) }, uniquingKeysWith: { first, _ in first })
    for (name, number) in thresholds[runbook.id] ?? [:] where numbers[name] != nil {
      numbers[name] = number
    }
    return numbers
  }

  /// Names that the file sets and no runbook has: they are misspelt. Those of the base are not: a
  /// team's runbook may stand in the place of ours.
  package func unknownThresholds(among runbooks: [RunbookDescription]) -> [String] {
    ownThresholds.sorted { $0.key < $1.key }.flatMap { id, numbers -> [String] in
      guard let runbook = runbooks.first(where: { $0.id == id }) else {
        return ["thresholds.\(id)"]
      }
      let known = Set(runbook.thresholds.map(\.name))
      return numbers.keys.filter { !known.contains($0) }.sorted().map { "thresholds.\(id).\($0)" }
    }
  }

  /// As a recording keeps it.
  package var json: JSONValue {
    [
      "thresholds": .object(
        thresholds.mapValues { .object($0.mapValues { JSONValue.double($0).whole }) }),
      "contacts": .object(contacts.mapValues { .string($0) }),
      "target": .object(target.mapValues { .string($0) }),
      "probeHosts": .array(probeHosts.map { .string($0) }),
      "metricLabels": .object(metricLabels.mapValues { .string($0) }), "values": free,
    ]
  }
}
