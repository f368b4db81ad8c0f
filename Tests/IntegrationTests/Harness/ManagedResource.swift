import JSONValue

/// The fields of a managed resource that Crossplane's users look at.
struct ManagedResource: Sendable, CustomStringConvertible {
  let json: JSONValue

  static let channels = "channels.channel.discord.crossplane.io"
  static let roles = "roles.role.discord.crossplane.io"
  static let guilds = "guilds.guild.discord.crossplane.io"
  static let all = [guilds, channels, roles].joined(separator: ",")

  struct Condition: Sendable {
    let status: String
    let reason: String
    let message: String
  }

  var name: String { json.value(at: "metadata", "name")?.stringValue ?? "" }
  var externalName: String? { annotation("crossplane.io/external-name") }
  var isReady: Bool { condition("Ready")?.status == "True" && isSynced }
  var isSynced: Bool { condition("Synced")?.status == "True" }

  func annotation(_ key: String) -> String? {
    json.value(at: "metadata", "annotations")?[key]?.stringValue
  }

  func condition(_ type: String) -> Condition? {
    guard
      let found = json.value(at: "status", "conditions")?.arrayValue?
        .first(where: { $0["type"]?.stringValue == type })
    else { return nil }
    return Condition(
      status: found["status"]?.stringValue ?? "", reason: found["reason"]?.stringValue ?? "",
      message: found["message"]?.stringValue ?? "")
  }

  var description: String {
    let conditions = ["Ready", "Synced"].map { type in
      guard let condition = condition(type) else { return "\(type) unset" }
      return "\(type)=\(condition.status) \(condition.reason) \(condition.message)"
    }
    return "\(name): " + conditions.joined(separator: ", ")
  }
}
