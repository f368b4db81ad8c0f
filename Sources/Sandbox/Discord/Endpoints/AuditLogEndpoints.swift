import JSONValue

/// `/guilds/{}/audit-logs`.
extension DiscordGuild {
  /// Newest first; with `after`, oldest first from there, as documented.
  func getAuditLog(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.viewAuditLog, call)
    let limit = try call.number("limit", in: 1...100, default: 50)
    let action: Int64?
    if call.query["action_type"] == nil {
      action = nil
    } else {
      action = try call.number("action_type", in: 0...1_000, default: 0)
    }
    let user = try call.snowflake("user_id")
    let target = try call.snowflake("target_id")
    let before = try call.snowflake("before")
    let after = try call.snowflake("after")
    let horizon = SimulatedTime(
      microseconds: call.now.microseconds - call.auditLogDelay.wholeMicroseconds)

    var found: [AuditLogEntry] = []
    let isAscending = after != nil
    for index in auditLog.indices {
      let entry = auditLog[isAscending ? index : auditLog.count - 1 - index]
      if let action, entry.action != action { continue }
      if let user, entry.userID != user { continue }
      if let target, entry.targetID != target { continue }
      if let before, entry.id >= before { continue }
      if let after, entry.id <= after { continue }
      if call.auditLogDelay > .zero, entry.id.time > horizon { continue }
      found.append(entry)
      if found.count == Int(limit) { break }
    }
    let users = Set(found.map(\.userID)).sorted().compactMap { members[$0]?.user.json }
    return .json([
      "audit_log_entries": .array(found.map(\.json)), "users": .array(users),
      "application_commands": [], "auto_moderation_rules": [], "guild_scheduled_events": [],
      "integrations": [], "threads": [], "webhooks": [],
    ])
  }
}
