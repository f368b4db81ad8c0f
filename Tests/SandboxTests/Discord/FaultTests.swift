import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func answersCanBeLostAfterTheCommit() {
  var bot = SimulatedBot()
  let made = bot.control(
    "POST", "/faults",
    [
      "method": "POST", "route": "/guilds/{}/channels", "nth": 2,
      "fault": ["kind": "reset-after-commit"],
    ])
  #expect(made.json["id"] == 1)
  #expect(bot.makeChannel("a").outcome.delivery == .whole)
  #expect(bot.makeChannel("b").outcome.delivery == .reset)
  #expect(bot.makeChannel("c").outcome.delivery == .whole)
  #expect(bot.channels().count == 3)
  #expect(bot.control("GET", "/score").json["byStatus"]?["reset"] == 1)
}

@Test func errorsComeBeforeOrAfterTheCommit() {
  var bot = SimulatedBot()
  bot.control(
    "POST", "/faults", ["count": 1, "fault": ["kind": "status-before-commit", "status": 502]])
  #expect(bot.makeChannel("a").status == 502)
  #expect(bot.channels().isEmpty)
  bot.control(
    "POST", "/faults",
    ["method": "POST", "count": 1, "fault": ["kind": "status-after-commit", "status": 500]])
  #expect(bot.makeChannel("b").status == 500)
  #expect(bot.channels().count == 1)
  bot.control("POST", "/faults", ["count": 1, "fault": ["kind": "reset-before-commit"]])
  #expect(bot.makeChannel("c").outcome.delivery == .reset)
  #expect(bot.channels().count == 1)
}

@Test func bodiesCanBeSpoilt() throws {
  var bot = SimulatedBot()
  for kind in ["truncated-json", "invalid-json", "html"] {
    bot.control("POST", "/faults", ["count": 1, "fault": ["kind": .string(kind)]])
    let answer = bot.send("GET", guild)
    #expect(answer.status == 200)
    #expect(throws: JSONError.self) { try JSONValue(parsing: answer.outcome.body) }
  }
  bot.control("POST", "/faults", ["count": 1, "fault": ["kind": "reset-mid-body"]])
  let cut = bot.send("GET", guild).outcome
  #expect(cut.delivery == .resetAfter(bytes: cut.body.count / 2))
  bot.control("POST", "/faults", ["count": 1, "fault": ["kind": "latency", "milliseconds": 30]])
  #expect(bot.send("GET", guild).outcome.delay == .milliseconds(30))
  #expect(bot.send("GET", guild).outcome.delay == .zero)
}

@Test func refusalsCanBeForced() {
  var bot = SimulatedBot()
  let expected: [(fault: JSONValue, status: Int, scope: String?)] = [
    (["kind": "rate-limited", "scope": "user", "retryAfter": 2], 429, "user"),
    (["kind": "rate-limited", "scope": "global"], 429, "global"),
    (["kind": "rate-limited", "scope": "shared"], 429, "shared"),
    (["kind": "rate-limited", "scope": "sub-limit", "retryAfter": 500], 429, "user"),
    (["kind": "cloudflare"], 429, nil), (["kind": "blocked-user-agent"], 403, nil),
    (["kind": "token-revoked"], 401, nil), (["kind": "unknown-guild"], 404, nil),
  ]
  for (fault, status, scope) in expected {
    bot.control("POST", "/faults", ["count": 1, "fault": fault])
    let answer = bot.send("GET", guild)
    #expect(answer.status == status)
    #expect(answer.outcome.header("X-RateLimit-Scope") == scope)
  }
  #expect(bot.send("GET", guild).status == 200)
  let silent: JSONValue = ["kind": "rate-limited", "header": false, "retryAfter": 3]
  bot.control("POST", "/faults", ["count": 1, "fault": silent])
  let answer = bot.send("GET", guild)
  #expect(answer.outcome.header("Retry-After") == nil)
  #expect(answer.json["retry_after"]?.doubleValue == 3)
}

@Test func faultsMatchByGuildAndTime() {
  var bot = SimulatedBot()
  let other = bot.control("POST", "/guilds", ["name": "Other"]).id
  bot.control(
    "POST", "/faults",
    [
      "guild": .string(other), "seconds": 5,
      "fault": ["kind": "status-before-commit", "status": 503],
    ])
  #expect(bot.send("GET", guild).status == 200)
  #expect(bot.send("GET", "/guilds/\(other)").status == 503)
  bot.advance(.seconds(6))
  #expect(bot.send("GET", "/guilds/\(other)").status == 200)
}

@Test func probabilityIsSeeded() {
  func hits(seed: UInt64) -> [Int] {
    var bot = SimulatedBot()
    bot.simulation.faults = FaultPlan(seed: seed)
    bot.control(
      "POST", "/faults", ["probability": 0.3, "fault": ["kind": "status-before-commit"]])
    return (0..<200).filter { _ in bot.send("GET", guild).status == 500 }
  }
  #expect(hits(seed: 4) == hits(seed: 4))
  #expect(hits(seed: 4) != hits(seed: 5))
  #expect((30...90).contains(hits(seed: 4).count))
}

@Test func faultsAreListedAndTakenAway() {
  var bot = SimulatedBot()
  bot.control("POST", "/faults", ["fault": ["kind": "token-revoked"]])
  bot.control("POST", "/faults", ["fault": ["kind": "html"]])
  bot.send("GET", guild)
  let listed = bot.control("GET", "/faults").json
  #expect(listed.arrayValue?.count == 2)
  #expect(listed[0]?["hits"] == 1)
  #expect(bot.control("DELETE", "/faults/1").status == 200)
  #expect(bot.control("DELETE", "/faults/1").status == 400)
  #expect(bot.control("DELETE", "/faults").status == 200)
  #expect(bot.send("GET", guild).status == 200)
  #expect(bot.control("POST", "/faults", ["fault": ["kind": "odd"]]).status == 400)
  #expect(
    bot.control("POST", "/faults", ["route": "/odd", "fault": ["kind": "html"]]).status == 400)
}

@Test func readsCanBeStale() {
  var bot = SimulatedBot()
  bot.control(
    "POST", "/faults",
    [
      "route": "/guilds/{}/channels", "method": "GET",
      "fault": ["kind": "stale-read", "milliseconds": 1_000],
    ])
  bot.makeChannel("a")
  #expect(bot.channels().isEmpty)
  bot.advance(.milliseconds(600))
  bot.makeChannel("b")
  #expect(bot.channels().isEmpty)
  bot.advance(.milliseconds(500))
  #expect(bot.channels().count == 1)
  bot.advance(.seconds(1))
  #expect(bot.channels().count == 2)
}

@Test func auditLogCanBeLate() {
  var bot = SimulatedBot()
  bot.control("POST", "/faults", ["fault": ["kind": "audit-log-delay", "milliseconds": 30_000]])
  bot.makeChannel("a")
  func count() -> Int {
    bot.send("GET", guild + "/audit-logs").json["audit_log_entries"]?.arrayValue?.count ?? -1
  }
  #expect(count() == 0)
  bot.advance(.seconds(31))
  #expect(count() == 1)
}

@Test func overwritesRightAfterTheCreationCanBeSwallowed() {
  var bot = SimulatedBot()
  bot.control(
    "POST", "/faults", ["fault": ["kind": "overwrite-swallowed", "milliseconds": 2_000]])
  let id = bot.makeChannel("a").id
  let path = "/channels/\(id)/permissions/\(DiscordWorld.sandboxGuildID)"
  #expect(bot.send("PUT", path, ["type": 0, "deny": "1024"]).status == 204)
  #expect(bot.channel(id)["permission_overwrites"] == [])
  bot.advance(.seconds(3))
  bot.send("PUT", path, ["type": 0, "deny": "1024"])
  #expect(bot.channel(id)["permission_overwrites"]?.arrayValue?.count == 1)
}

@Test func aShownOverwriteCanStillBeWithoutEffect() {
  var bot = SimulatedBot()
  bot.setPermissions([.viewChannel, .manageChannels, .manageRoles])
  bot.control(
    "POST", "/faults",
    ["fault": ["kind": "overwrite-swallowed", "milliseconds": 2_000, "shown": true]])
  let id = bot.makeChannel("a").id
  let path = "/channels/\(id)/permissions/\(DiscordWorld.sandboxGuildID)"
  #expect(bot.send("PUT", path, ["type": 0, "deny": "1024"]).status == 204)
  // The channel is still to be seen although its overwrite says otherwise.
  #expect(bot.channel(id)["permission_overwrites"]?[0]?["deny"] == "1024")
  bot.advance(.seconds(3))
  bot.send("PUT", path, ["type": 0, "deny": "1024"])
  #expect(bot.send("GET", "/channels/\(id)").code == 50001)
}

@Test func theNetworkCanFailWithAPageOfItsOwn() {
  var bot = SimulatedBot()
  bot.control(
    "POST", "/faults",
    ["count": 1, "fault": ["kind": "cloudflare", "status": 503, "retryAfter": 9]])
  let answer = bot.makeChannel("a")
  #expect(answer.status == 503)
  #expect(answer.outcome.header("Content-Type") == "text/html")
  #expect(answer.outcome.header("Via") == nil)
  #expect(answer.outcome.header("Retry-After") == "9")
  #expect(bot.channels().isEmpty)
}

@Test func latencyLiesBetweenTwoTimes() {
  var bot = SimulatedBot()
  bot.control(
    "POST", "/faults", ["fault": ["kind": "latency", "milliseconds": 10, "maximum": 19]])
  let delays = (0..<200).map { _ in bot.send("GET", guild).outcome.delay }
  #expect(Set(delays).count == 10)
  #expect(delays.min() == .milliseconds(10))
  #expect(delays.max() == .milliseconds(19))
}

@Test func faultsHitFromTheNthOnAndOneToken() {
  var bot = SimulatedBot()
  bot.control("POST", "/tokens", ["token": "two", "bot": ["username": "two"]])
  bot.control(
    "POST", "/faults",
    [
      "token": "two", "nth": 2, "count": 2, "route": "GET /guilds/{}",
      "fault": ["kind": "status-before-commit", "status": 504],
    ])
  #expect((0..<5).map { _ in bot.send("GET", guild).status } == [200, 200, 200, 200, 200])
  bot.token = "two"
  #expect((0..<5).map { _ in bot.send("GET", guild).status } == [200, 504, 504, 200, 200])
}
