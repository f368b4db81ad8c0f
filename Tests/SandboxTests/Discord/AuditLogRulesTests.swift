import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func everyMutationIsLoggedWithReasonAndChanges() {
  var bot = SimulatedBot()
  let reason = "caf%C3%A9%20nonce-1"
  let id = bot.send("POST", guild + "/channels", ["name": "a"], reason: reason).id
  bot.send("PATCH", "/channels/\(id)", ["topic": "new"])
  bot.send(
    "PUT", "/channels/\(id)/permissions/\(DiscordWorld.sandboxGuildID)",
    ["type": 0, "deny": "1024"])
  bot.send("DELETE", "/channels/\(id)")
  let entries = bot.send("GET", guild + "/audit-logs").json["audit_log_entries"]?.arrayValue ?? []
  #expect(entries.compactMap { $0["action_type"]?.integerValue } == [12, 13, 11, 10])
  #expect(entries.last?["reason"] == "café nonce-1")
  #expect(entries.last?["user_id"] == DiscordWorld.sandboxBotID.json)
  #expect(entries.last?["target_id"]?.stringValue == id)
  #expect(entries[2]["changes"] == [["key": "topic", "new_value": "new"]])
  #expect(entries[2]["reason"] == nil)
  #expect(entries[1]["options"]?["role_name"] == "@everyone")
}

@Test func refusedRequestsLeaveNoTrace() {
  var bot = SimulatedBot()
  bot.makeChannel("")
  bot.send("PATCH", guild, ["name": "x"])
  #expect(bot.send("GET", guild + "/audit-logs").json["audit_log_entries"] == [])
  let long = String(repeating: "r", count: 513)
  #expect(bot.send("POST", guild + "/roles", [:], reason: long).code == 50035)
}

@Test func auditLogIsFilteredAndPaged() {
  var bot = SimulatedBot()
  for index in 0..<5 { bot.send("POST", guild + "/roles", ["name": .string("r\(index)")]) }
  bot.owner("POST", guild + "/channels", ["name": "by-owner"])
  func ids(_ query: String) -> [String] {
    let answer = bot.send("GET", guild + "/audit-logs?" + query).json
    return (answer["audit_log_entries"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
  }
  let all = ids("limit=100")
  #expect(all.count == 6)
  #expect(all == all.sorted(by: >))
  #expect(ids("action_type=30").count == 5)
  #expect(ids("user_id=\(DiscordWorld.sandboxOwnerID)").count == 1)
  #expect(ids("limit=2") == Array(all.prefix(2)))
  #expect(ids("before=\(all[1])&limit=2") == Array(all[2...3]))
  #expect(ids("after=\(all[3])") == [all[2], all[1], all[0]])
  #expect(bot.send("GET", guild + "/audit-logs?limit=101").code == 50035)
}
