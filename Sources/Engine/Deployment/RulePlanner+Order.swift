import DiscordAPI
import JSONValue
import KubeWatch
import LuaBridge

/// What `arrange` would move, once for all objects of a kind in a guild.
extension RulePlanner {
  /// An object with a position of its own.
  struct Placed: Sendable {
    let key: ResourceKey
    let id: String
    let position: Int64
    let parent: JSONValue?
    let guild: String
    let resource: ManagedResource
  }

  /// Adds the moves to the plan's entries.
  func arrange(
    _ entries: [RulePlan.Entry], _ placed: [Placed], by rules: RuleSet
  ) async -> [RulePlan.Entry] {
    var entries = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
    let groups = Dictionary(grouping: placed) {
      [$0.key.kind, $0.resource.providerConfigName, $0.guild]
    }
    for (_, group) in groups.sorted(by: { $0.key.joined() < $1.key.joined() }) {
      guard let first = group.first, let rule = rules[first.key.kind] else { continue }
      do {
        try await arrange(group, by: rule, in: &entries)
      } catch {
        let change: RulePlan.Change =
          error is DiscordError
          ? .unknown("\(error)")
          : .fault(
            (error as? ScriptError).map { ScriptFault($0, in: rule.bundle).text } ?? "\(error)")
        for object in group { Self.mark(object.key, change, in: &entries) }
      }
    }
    return Array(entries.values)
  }

  private func arrange(
    _ group: [Placed], by rule: Rule, in entries: inout [ResourceKey: RulePlan.Entry]
  ) async throws {
    guard let first = group.first,
      case .ready(let connection) = connections.connection(
        for: first.resource.providerConfigName, isDeleting: false)
    else { return }
    let now = time.timestamp()
    let objects = group.sorted { $0.id < $1.id }.map { object -> JSONValue in
      var value: JSONValue = ["id": .string(object.id), "position": .integer(object.position)]
      value["parent_id"] = object.parent
      value["placement"] = object.resource.status.value(at: "atProvider", "placement")
      return value
    }
    let context: JSONValue = [
      "resource": ["metadata": [:]], "spec": ["forProvider": ["guildId": .string(first.guild)]],
      "objects": .array(objects), "now": .string(now.seconds),
      "now_ms": .integer(now.millisecondsSince1970),
    ]
    let effects = PlanEffects(
      reads: reads(connection, rule, first.key), capabilities: rule.capabilities, mayWrite: false)
    let answer = try await runner.run(
      "arrange", of: rule, context: context.serialized(),
      perform: { try await effects.perform($0) })
    guard case .success(let value) = answer, let moves = value["moves"]?.arrayValue, !moves.isEmpty
    else { return }
    var body: [JSONValue] = []
    var moved: [(key: ResourceKey, fields: [String], move: JSONValue)] = []
    for move in moves {
      var sent: JSONValue = ["id": move["id"] ?? .null]
      for name in ["position", "parent_id"] { sent[name] = move[name] }
      body.append(sent)
      let fields = move["fields"]?.arrayValue?.compactMap(\.stringValue) ?? []
      guard let object = group.first(where: { $0.id == move["id"]?.stringValue }), !fields.isEmpty
      else { continue }
      moved.append((object.key, fields, move))
    }
    let request = RulePlan.Request(
      method: "PATCH", path: "/guilds/\(first.guild)/\(rule.type.plural)", body: .array(body))
    moved.sort { $0.key.description < $1.key.description }
    for (place, item) in moved.enumerated() {
      let differences = item.fields.compactMap { field in
        FieldDifference([
          "field": .string(field),
          "want": item.move[field == "parentId" ? "parent_id" : "position"] ?? .null,
        ])
      }
      Self.mark(
        item.key, .update(differences), requests: place == 0 ? [request] : [], in: &entries)
    }
  }

  /// Says what becomes of an object unless something worse is known of it already.
  private static func mark(
    _ key: ResourceKey, _ change: RulePlan.Change, requests: [RulePlan.Request] = [],
    in entries: inout [ResourceKey: RulePlan.Entry]
  ) {
    guard let entry = entries[key] else { return }
    let merged: RulePlan.Change
    switch (entry.change, change) {
    case (.nothing, _): merged = change
    case (.update(let old), .update(let new)): merged = .update(old + new)
    default: merged = entry.change
    }
    entries[key] = RulePlan.Entry(
      key: key, change: merged, requests: entry.requests + requests, isSynced: entry.isSynced)
  }
}
