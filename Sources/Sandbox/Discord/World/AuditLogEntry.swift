package import JSONValue

/// What an audit log entry is about; the raw value is Discord's `action_type`.
package enum AuditLogAction: Int64, Sendable {
  case guildUpdate = 1
  case channelCreate = 10
  case channelUpdate = 11
  case channelDelete = 12
  case overwriteCreate = 13
  case overwriteUpdate = 14
  case overwriteDelete = 15
  case memberKick = 20
  case memberUpdate = 24
  case memberRoleUpdate = 25
  case roleCreate = 30
  case roleUpdate = 31
  case roleDelete = 32
  case inviteCreate = 40
  case inviteDelete = 42
  case webhookCreate = 50
  case webhookUpdate = 51
  case webhookDelete = 52
}

/// One line of a guild's audit log.
package struct AuditLogEntry: Sendable {
  /// The identifier; also says when it was written.
  package let id: Snowflake
  /// Discord's `action_type`.
  package var action: Int64
  /// Who did it.
  package var userID: Snowflake
  /// What it was done to; nil for invites.
  package var targetID: Snowflake?
  /// `{"key", "old_value", "new_value"}`.
  package var changes: [JSONValue]
  /// Further facts, all of them texts.
  package var options: [String: JSONValue]
  /// The decoded `X-Audit-Log-Reason`.
  package var reason: String?

  /// The entry as the API shows it.
  package var json: JSONValue {
    var result: JSONValue = [
      "id": id.json, "action_type": .integer(action), "user_id": userID.json,
      "target_id": targetID.json, "changes": .array(changes),
    ]
    if !options.isEmpty { result["options"] = .object(options) }
    if let reason { result["reason"] = .string(reason) }
    return result
  }

  /// An entry by its parts.
  init(id: Snowflake, action: Int64, userID: Snowflake) {
    self.id = id
    self.action = action
    self.userID = userID
    changes = []
    options = [:]
  }

  /// An entry from what `json` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let sent = try ControlBody(
      state, at: path,
      members: ["id", "action_type", "user_id", "target_id", "changes", "options", "reason"])
    self.init(
      id: try sent.required("id", try sent.snowflake("id")),
      action: try sent.required("action_type", try sent.whole("action_type", in: 1...1_000)),
      userID: try sent.required("user_id", try sent.snowflake("user_id")))
    targetID = sent["target_id"] == .null ? nil : try sent.snowflake("target_id")
    changes = try sent.list("changes") ?? []
    options = try sent.attributes(["options": .object])["options"]?.objectValue ?? [:]
    reason = try sent.text("reason", length: 0...512)
  }

  /// The list of changes from one set of fields to another, by field name. A null, false or
  /// missing side is left out, as Discord does.
  static func changes(
    from old: [String: JSONValue], to new: [String: JSONValue]
  ) -> [JSONValue] {
    var result: [JSONValue] = []
    for key in Set(old.keys).union(new.keys).sorted() {
      let before = old[key] ?? .null
      let after = new[key] ?? .null
      guard before != after else { continue }
      var change: JSONValue = ["key": .string(key)]
      if !before.isNull { change["old_value"] = before }
      if !after.isNull { change["new_value"] = after }
      result.append(change)
    }
    return result
  }
}
