package import JSONValue
import KubeWatch

/// `secret.fingerprint`: what may be known of a Secret without knowing it.
package struct SecretSource: EffectSource {
  private let reads: KubeReads

  package init(reads: KubeReads) {
    self.reads = reads
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    guard name == "secret.fingerprint" else {
      throw SourceFailure(.refused, "there is no \(name)")
    }
    let namespace = try KubePath.name(effect.demandText("namespace"))
    let secret = try KubePath.name(effect.demandText("name"))
    let key = try effect.demandText("key")
    let object: JSONValue
    do throws(SourceFailure) {
      object = try await reads.json(
        path: ResourceType.secrets.path(namespace: namespace, name: secret))
    } catch {
      guard error.kind == .notfound else { throw error }
      return SourceAnswer([
        "exists": false, "has_key": false, "keys": [], "managers": [],
      ])
    }
    return SourceAnswer(Self.fingerprint(of: object, key: key))
  }

  /// The fingerprint of one key of a Secret.
  static func fingerprint(of object: JSONValue, key: String) -> JSONValue {
    let data = object["data"]?.objectValue ?? [:]
    let uid = object.value(at: "metadata", "uid")?.stringValue ?? ""
    var facts: JSONValue = [
      "exists": true, "has_key": .bool(data[key] != nil),
      "keys": .array(data.keys.sorted().map { .string($0) }),
    ]
    facts["uid"] = .string(uid)
    facts["type"] = object["type"]
    if let value = data[key]?.stringValue.flatMap(Base64.decode) {
      let problem = problem(of: value)
      facts["length"] = .integer(Int64(value.count))
      facts["shape_ok"] = .bool(problem == nil)
      facts["shape"] = problem.map { .string($0) }
      // The Secret's uid as key: equal values give equal digits here and nowhere else.
      facts["hmac8"] = .string(
        String(SHA256Digest.hmac(of: value, key: Array(uid.utf8)).prefix(8)))
    }
    var managers: [(manager: String, operation: String, at: String, hasData: Bool)] = []
    for entry in object.value(at: "metadata", "managedFields")?.arrayValue ?? [] {
      managers.append(
        (
          entry["manager"]?.stringValue ?? "", entry["operation"]?.stringValue ?? "",
          entry["time"]?.stringValue ?? "", entry.value(at: "fieldsV1", "f:data") != nil
        ))
    }
    managers.sort { $0.at > $1.at }
    facts["managers"] = .array(
      managers.map {
        [
          "manager": .string($0.manager), "operation": .string($0.operation), "at": .string($0.at),
        ]
      })
    let newest = managers.first { $0.hasData }
    facts["changed_at"] =
      newest.map { .string($0.at) }
      ?? object.value(at: "metadata", "creationTimestamp")
    facts["created_at"] = object.value(at: "metadata", "creationTimestamp")
    facts["manager"] = newest.map { .string($0.manager) }
    return facts
  }

  /// What is wrong with the shape of a bot token; nil when nothing is.
  private static func problem(of value: [UInt8]) -> String? {
    guard let last = value.last else { return "is empty" }
    if last == 10 || last == 13 { return "ends with a newline" }
    if value.starts(with: Array("Bot ".utf8)) { return "begins with \"Bot \"" }
    if value.contains(where: { $0 <= 32 || $0 >= 127 }) { return "has blanks or is not ASCII" }
    if value.first == 34 || value.first == 39 { return "is in quotes" }
    let parts = value.split(separator: 46, omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
      return "does not consist of three parts with dots"
    }
    return nil
  }
}
