import Engine
import JSONValue

extension DiscordReader {
  /// `discord.audit`: the newest entries of a guild's audit log, at most some 500, with who did it.
  func audit(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let guildID = try snowflake(effect)
    let config = effect.text("config")
    let since = time.wallMilliseconds() - Int64((effect["since"]?.doubleValue ?? 86_400) * 1000)
    let me = try await body("/users/@me", config)["id"]?.stringValue
    var entries: [JSONValue] = []
    var before: String?
    while entries.count < 500 {
      var query = ["limit": "100"]
      query["before"] = before
      let page = try await body("/guilds/\(guildID)/audit-logs", config, query)
      let users = Dictionary(
        (page["users"]?.arrayValue ?? []).map { ($0["id"]?.stringValue ?? "", $0) },
        uniquingKeysWith: { first, _ in first })
      let found = page["audit_log_entries"]?.arrayValue ?? []
      var isOld = false
      for entry in found {
        let id = entry["id"]?.stringValue ?? ""
        let at = Self.milliseconds(of: id)
        if at < since {
          isOld = true
          break
        }
        entries.append(Self.entry(entry, id: id, at: at, users: users, me: me))
      }
      before = found.last?["id"]?.stringValue
      if isOld || found.count < 100 || before == nil { break }
    }
    return .array(entries)
  }

  private static func entry(
    _ entry: JSONValue, id: String, at: Int64, users: [String: JSONValue], me: String?
  ) -> JSONValue {
    let userID = entry["user_id"]?.stringValue ?? ""
    var user: JSONValue = ["id": .string(userID)]
    user["username"] = users[userID]?["username"]
    user["bot"] = users[userID]?["bot"]
    let reason = entry["reason"]?.stringValue
    var result: JSONValue = [
      "id": .string(id), "at": .string(Timestamp(millisecondsSince1970: at).seconds),
      "action": entry["action_type"] ?? 0, "user": user,
      "by_provider": .bool(userID == me && reason?.hasPrefix("provider-discord") == true),
      "changes": entry["changes"] ?? [],
    ]
    result["target_id"] = entry["target_id"]
    result["reason"] = reason.map { .string($0) }
    return result
  }

  /// When an ID was made: its upper 42 bits count milliseconds since 2015.
  private static func milliseconds(of id: String) -> Int64 {
    UInt64(id).map { Int64($0 >> 22) + 1_420_070_400_000 } ?? 0
  }
}
