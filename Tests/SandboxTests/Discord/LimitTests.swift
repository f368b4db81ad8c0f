import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

private func retryAfter(_ answer: SimulatedBot.Answer) -> Double? {
  answer.json["retry_after"]?.doubleValue
}

@Test func fixedWindowGivesTheWholeBudgetBackAtOnce() {
  var bot = SimulatedBot(.init(mode: .fixed))
  for left in [4, 3, 2, 1, 0] {
    let answer = bot.send("GET", guild)
    #expect(answer.outcome.header("X-RateLimit-Remaining") == String(left))
    #expect(answer.outcome.header("X-RateLimit-Limit") == "5")
    #expect(answer.outcome.header("Via") != nil)
    bot.advance(.milliseconds(500))
  }
  let refused = bot.send("GET", guild)
  #expect(refused.status == 429)
  #expect(retryAfter(refused) == 2.5)
  #expect(refused.outcome.header("Retry-After") == "3")
  #expect(refused.outcome.header("X-RateLimit-Scope") == "user")
  #expect(refused.outcome.header("X-RateLimit-Reset-After") == "2.500")
  bot.advance(.milliseconds(2_500))
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Remaining") == "4")
  let score = bot.control("GET", "/score").json
  #expect(score["rateLimited"]?["user"] == 1)
  #expect(score["announced"] == 1)
  #expect(score["invalid"] == 1)
}

@Test func slidingWindowGivesSlotsBackOneByOne() {
  var bot = SimulatedBot(.init(mode: .sliding))
  for _ in 0..<5 { #expect(bot.send("GET", guild).status == 200) }
  let refused = bot.send("GET", guild)
  #expect(refused.status == 429)
  #expect(retryAfter(refused) == 1)
  #expect(refused.outcome.header("X-RateLimit-Reset-After") == "5.000")
  bot.advance(.seconds(1))
  #expect(bot.send("GET", guild).status == 200)
  #expect(bot.send("GET", guild).status == 429)
}

@Test func noneMeansNoLimitsAndNoHeaders() {
  var bot = SimulatedBot(.init(mode: .none))
  for _ in 0..<200 { #expect(bot.send("GET", guild).status == 200) }
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Limit") == nil)
}

@Test func budgetsAreApartByRouteAndResource() {
  var bot = SimulatedBot(.init(mode: .fixed))
  let first = bot.makeChannel("a").id
  let second = bot.makeChannel("b").id
  for _ in 0..<5 { bot.send("GET", "/channels/\(first)") }
  #expect(bot.send("GET", "/channels/\(first)").status == 429)
  #expect(bot.send("GET", "/channels/\(second)").status == 200)
  #expect(bot.send("GET", guild).status == 200)

  // One bucket for the channels of all guilds.
  let other = bot.control("POST", "/guilds", ["name": "Other"]).id
  for _ in 0..<5 { #expect(bot.send("GET", guild + "/channels").status == 200) }
  #expect(bot.send("GET", "/guilds/\(other)/channels").status == 429)
}

@Test func nameAndTopicHaveHiddenBudgets() {
  var bot = SimulatedBot(.init(mode: .fixed))
  let path = "/channels/\(bot.makeChannel("a").id)"
  bot.advance(.seconds(20))
  #expect(bot.send("PATCH", path, ["name": "b"]).status == 200)
  #expect(bot.send("PATCH", path, ["name": "c"]).status == 200)
  bot.advance(.seconds(18))
  let refused = bot.send("PATCH", path, ["name": "d"])
  #expect(refused.status == 429)
  #expect(retryAfter(refused) == 582)
  #expect(refused.outcome.header("X-RateLimit-Remaining") == "4")
  #expect(refused.outcome.header("X-RateLimit-Reset-After") == "15.000")
  #expect(refused.outcome.header("Retry-After") == "15")
  #expect(bot.send("PATCH", path, ["topic": "t"]).status == 200)
  #expect(bot.send("PATCH", path, ["nsfw": true]).status == 200)
  bot.advance(.seconds(582))
  #expect(bot.send("PATCH", path, ["name": "d"]).status == 200)
}

@Test func globalBudgetIsFiftyInASecond() {
  for mode in [LimitConfiguration.Mode.fixed, .sliding] {
    var limits = LimitConfiguration(mode: mode)
    limits.fallback = .init(limit: 10_000, window: 1)
    var bot = SimulatedBot(limits)
    for _ in 0..<50 {
      #expect(bot.send("GET", guild).status == 200)
      bot.advance(.milliseconds(10))
    }
    let refused = bot.send("GET", guild)
    #expect(refused.status == 429)
    #expect(refused.json["global"] == true)
    #expect(refused.outcome.header("X-RateLimit-Global") == "true")
    #expect(refused.outcome.header("X-RateLimit-Scope") == "global")
    #expect(retryAfter(refused) == 0.5)
    bot.advance(.milliseconds(500))
    #expect(bot.send("GET", guild).status == 200)
    #expect(bot.control("GET", "/score").json["highestPerSecond"] == 51)
  }
}

@Test func rolesCanBeMade250TimesIn48Hours() {
  var bot = SimulatedBot(.init(mode: .fixed))
  let first = bot.send("POST", guild + "/roles", [:])
  #expect(first.outcome.header("X-RateLimit-Limit") == "250")
  #expect(first.outcome.header("X-RateLimit-Reset-After") == "172800.000")
}

@Test func headersCanBeMissingOrLie() {
  var bot = SimulatedBot()
  bot.control("PUT", "/limits", ["mode": "fixed", "headers": "lying"])
  for _ in 0..<5 {
    #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Remaining") == "4")
  }
  #expect(bot.send("GET", guild).status == 429)
  bot.control("PUT", "/limits", ["headers": "off"])
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Limit") == nil)
}

@Test func routesCanBeGivenOtherBudgetsAndScopes() {
  var bot = SimulatedBot()
  let changed = bot.control(
    "PUT", "/limits",
    [
      "mode": "fixed",
      "routes": ["GET /guilds/{}": ["limit": 1, "window": 10, "scope": "shared", "hash": "abc"]],
    ])
  #expect(changed.status == 200)
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Bucket") == "abc")
  let refused = bot.send("GET", guild)
  #expect(refused.outcome.header("X-RateLimit-Scope") == "shared")
  let score = bot.control("GET", "/score").json
  #expect(score["rateLimited"]?["shared"] == 1)
  #expect(score["invalid"] == 0)
  #expect(bot.control("PUT", "/limits", ["mode": "odd"]).status == 400)
  #expect(bot.control("PUT", "/limits", ["routes": ["GET /x": [:]]]).status == 400)
}

@Test func clockSkewShowsInDateAndResetOnly() {
  var bot = SimulatedBot(.init(mode: .fixed))
  bot.control("PUT", "/limits", ["dateSkew": 3_600])
  let answer = bot.send("GET", guild)
  let skewed = bot.now.advanced(by: .seconds(3_600))
  #expect(answer.outcome.header("Date") == skewed.httpDate)
  #expect(answer.outcome.header("X-RateLimit-Reset-After") == "5.000")
  let reset = answer.outcome.header("X-RateLimit-Reset").flatMap { Double($0) }
  #expect(reset == skewed.seconds + 5)
}

@Test func datesAreWrittenAsTheStandardsSay() {
  let time = SimulatedTime(microseconds: 951_827_696_000_042)
  #expect(time.rfc3339 == "2000-02-29T12:34:56.000042+00:00")
  #expect(time.httpDate == "Tue, 29 Feb 2000 12:34:56 GMT")
}

@Test func tooManyInvalidRequestsBanTheAddress() {
  var bot = SimulatedBot()
  bot.control("PUT", "/limits", ["invalid": ["limit": 3, "window": 600, "ban": 100]])
  bot.token = "wrong"
  for _ in 0..<4 { #expect(bot.send("GET", guild).status == 401) }
  bot.token = DiscordWorld.sandboxToken
  let banned = bot.send("GET", guild)
  #expect(banned.status == 429)
  #expect(banned.outcome.header("Via") == nil)
  #expect(banned.outcome.header("X-RateLimit-Limit") == nil)
  #expect(String(decoding: banned.outcome.body, as: UTF8.self) == "error code: 1015")
  bot.advance(.seconds(101))
  #expect(bot.send("GET", guild).status == 200)
}

@Test func cloudflareModeBlocksEverything() {
  var bot = SimulatedBot()
  bot.control("PUT", "/limits", ["cloudflare": ["status": 429, "retryAfter": 7]])
  let blocked = bot.send("GET", guild)
  #expect(blocked.status == 429)
  #expect(blocked.outcome.header("Retry-After") == "7")
  #expect(blocked.outcome.header("Via") == nil)
  bot.control("PUT", "/limits", ["cloudflare": .null])
  #expect(bot.send("GET", guild).status == 200)
}

@Test func theScopeCanStandOnEveryAnswer() {
  var bot = SimulatedBot(.init(mode: .fixed))
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Scope") == nil)
  bot.control("PUT", "/limits", ["scopeAlways": true])
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Scope") == "user")
}

@Test func memberRolesHaveAFixedWindowInEveryMode() {
  var bot = SimulatedBot(.init(mode: .sliding))
  let role = bot.send("POST", guild + "/roles", ["name": "r"]).id
  let path = "\(guild)/members/\(DiscordWorld.sandboxOwnerID)/roles/\(role)"
  for _ in 0..<10 { #expect(bot.send("PUT", path).status == 204) }
  #expect(retryAfter(bot.send("PUT", path)) == 10)
  bot.advance(.seconds(9))
  #expect(bot.send("PUT", path).status == 429)
}

@Test func aRouteCanHaveAModeAndHeadersOfItsOwn() {
  var bot = SimulatedBot(.init(mode: .fixed))
  bot.control(
    "PUT", "/limits",
    [
      "routes": [
        "GET /guilds/{}": ["limit": 2, "window": 2, "mode": "sliding", "headers": "off"],
        "GET /guilds/{}/roles": ["limit": 2, "window": 2, "headers": "lying"],
      ]
    ])
  for _ in 0..<2 {
    #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Limit") == nil)
    #expect(bot.send("GET", guild + "/roles").outcome.header("X-RateLimit-Remaining") == "1")
  }
  #expect(retryAfter(bot.send("GET", guild)) == 1)
  #expect(retryAfter(bot.send("GET", guild + "/roles")) == 2)
  // Nothing of this had been announced.
  #expect(bot.control("GET", "/score").json["announced"] == 0)
}
