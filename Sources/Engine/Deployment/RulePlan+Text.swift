package import JSONValue
import KubeWatch

extension RulePlan {
  /// How many objects are in which case; the names are those of the JSON.
  package var counts: [(name: String, count: Int)] {
    let names = [
      "update", "create", "createAgain", "delete", "refused", "fault", "unknown", "skipped",
    ]
    return names.map { name in
      (name, count { $0.change.name == name || (name == "delete" && $0.deletes) })
    } + [("nothing", count { $0.change == .nothing })]
  }

  /// One line: "12 objects: 3 to update, 9 unchanged".
  package var summary: String {
    let texts: [String: String] = [
      "update": "to update", "create": "to create", "createAgain": "to create again",
      "delete": "with deletions", "refused": "refused by the rule", "fault": "failing",
      "unknown": "out of reach", "skipped": "not looked at", "nothing": "unchanged",
    ]
    var parts = counts.filter { $0.count > 0 }.map { "\($0.count) \(texts[$0.name] ?? $0.name)" }
    for (kind, count) in unserved.sorted(by: { $0.key < $1.key }) {
      parts.append("\(count) of the kind \(kind) without a rule")
    }
    let head = entries.count == 1 ? "1 object" : "\(entries.count) objects"
    return parts.isEmpty ? head : "\(head): \(parts.joined(separator: ", "))"
  }

  /// For people: each object that would not stay as it is, then the summary.
  package var text: String {
    var text = ""
    for entry in entries where entry.change != .nothing || !entry.requests.isEmpty {
      text += "\(entry.key)  \(entry.change.text)\n"
      if case .update(let differences) = entry.change {
        for difference in differences {
          text +=
            "  \(difference.field)  \(difference.got.serializedText()) -> "
            + "\(difference.want.serializedText())\n"
        }
      }
      for request in entry.requests {
        let body = request.body.isNull ? "" : " \(request.body.serializedText())"
        text += "  \(request.method) \(request.path)\(body)\n"
      }
    }
    return text + summary + "\n"
  }

  /// For programs.
  package var json: JSONValue {
    [
      "objects": .integer(Int64(entries.count)),
      "counts": .object(
        Dictionary(uniqueKeysWithValues: counts.map { ($0.name, .integer(Int64($0.count))) })),
      "unserved": .object(unserved.mapValues { .integer(Int64($0)) }),
      "entries": .array(entries.map(Self.json)),
    ]
  }

  private static func json(_ entry: Entry) -> JSONValue {
    var json: JSONValue = [
      "kind": .string(entry.key.kind), "namespace": .string(entry.key.object.namespace),
      "name": .string(entry.key.object.name), "change": .string(entry.change.name),
      "requests": .array(
        entry.requests.map {
          ["method": .string($0.method), "path": .string($0.path), "body": $0.body]
        }),
    ]
    switch entry.change {
    case .update(let differences):
      json["differences"] = .array(
        differences.map { ["field": .string($0.field), "want": $0.want, "got": $0.got] })
    case .refused(let text), .fault(let text), .unknown(let text), .skipped(let text):
      json["message"] = .string(text)
    default: break
    }
    return json
  }
}

extension RulePlan.Change {
  /// As the JSON names it.
  var name: String {
    switch self {
    case .nothing: "nothing"
    case .update: "update"
    case .create: "create"
    case .createAgain: "createAgain"
    case .refused: "refused"
    case .fault: "fault"
    case .unknown: "unknown"
    case .skipped: "skipped"
    }
  }

  /// In words.
  var text: String {
    switch self {
    case .nothing: "stays as it is"
    case .update: "would be updated"
    case .create: "would be created"
    case .createAgain: "would be CREATED AGAIN although it has an ID"
    case .refused(let text): "would be refused: \(text)"
    case .fault(let text): "the rule FAILS: \(text)"
    case .unknown(let text): "could not be looked at: \(text)"
    case .skipped(let text): "is not looked at: \(text)"
    }
  }
}

extension DeploymentPolicy.Verdict {
  /// What a provider would do with the scripts.
  package var text: String {
    switch self {
    case .deploy: "a provider makes them live at once"
    case .hold(let reasons):
      "a provider waits for an approval: they \(reasons.joined(separator: "; "))"
    case .refuse(let reasons): "a provider refuses them: \(reasons.joined(separator: "; "))"
    }
  }

  /// For programs.
  package var json: JSONValue {
    switch self {
    case .deploy: ["action": "deploy", "reasons": []]
    case .hold(let reasons):
      ["action": "hold", "reasons": .array(reasons.map { .string($0) })]
    case .refuse(let reasons):
      ["action": "refuse", "reasons": .array(reasons.map { .string($0) })]
    }
  }
}
