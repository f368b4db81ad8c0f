import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

/// A control request that must be refused, and what the complaint must say.
struct Mistake: Sendable, CustomTestStringConvertible {
  let method: String
  let path: String
  let body: JSONValue
  let complaint: String

  init(_ method: String, _ path: String, _ body: JSONValue, _ complaint: String) {
    self.method = method
    self.path = path
    self.body = body
    self.complaint = complaint
  }

  var testDescription: String { "\(method) \(path) \(body.serializedText())" }
}

private func fault(_ fault: JSONValue, _ more: JSONValue = [:]) -> JSONValue {
  var rule = more
  rule["fault"] = fault
  return rule
}

private let misspelt: [Mistake] = [
  Mistake("POST", "/faults", fault(["kind": "html"], ["nht": 2]), #""nht": there are count, "#),
  Mistake(
    "POST", "/faults", fault(["kind": "rate-limited", "retry_after": 1]),
    #""retry_after" of "fault": there are header, kind, retryAfter, scope"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html", "status": 500]),
    #""status" of "fault": there are kind"#
  ),
  Mistake("PUT", "/limits", ["modes": "none"], #""modes": there are cloudflare, dateSkew, "#),
  Mistake(
    "PUT", "/limits", ["default": ["windows": 1]], #""windows" of "default": there are hash, "#),
  Mistake("PUT", "/limits", ["subLimits": ["nmae": [:]]], #""nmae" of "subLimits""#),
  Mistake("PUT", "/limits", ["routes": ["GET /x": [:]]], #""GET /x" of "routes""#),
  Mistake("PUT", "/limits", ["invalid": ["limits": 1]], #""limits" of "invalid""#),
  Mistake("PUT", "/limits", ["cloudflare": ["retry": 1]], #""retry" of "cloudflare""#),
  Mistake("PUT", "/latency", ["milliseconds": 5, "x": 1], #""x": there are milliseconds"#),
  Mistake("PUT", "/rules", ["newRoles": "shift", "zzz": 1], #""zzz": there are newRoles, "#),
  Mistake("POST", "/guilds", ["nmae": "Team"], #""nmae": there are features, "#),
  Mistake("PATCH", guild, ["tier": 3], #""tier": there are features, "#),
  Mistake(
    "PUT", guild + "/bot-permissions", ["permission": "8"], #""permission": there are bot, "#),
  Mistake("POST", guild + "/members", ["usr": [:]], #""usr": there are roles, user"#),
  Mistake("POST", guild + "/members", ["user": ["name": "x"]], #""name" of "user""#),
  Mistake("POST", "/tokens", ["token": "t", "gilds": []], #""gilds": there are bot, "#),
  Mistake("POST", "/tokens", ["token": "t", "bot": ["name": "x"]], #""name" of "bot""#),
  Mistake("POST", "/score/reset", ["x": 1], #""x": there are none"#),
  Mistake("POST", guild + "/split-permissions", ["x": 1], #""x": there are none"#),
  Mistake("PUT", "/state", ["guild": []], #""guild": there are guilds, "#),
]

private let wrong: [Mistake] = [
  Mistake("POST", "/faults", [1], "the body must be an object"),
  Mistake("POST", "/faults", [:], #""fault" is missing"#),
  Mistake("POST", "/faults", fault(["kind": "odd"]), #""fault.kind" must be one of "status-"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html"], ["method": "FETCH"]), #""method" must be one"#),
  Mistake("POST", "/faults", fault(["kind": "html"], ["route": "/odd"]), #""route" must be a"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html"], ["method": "PUT", "route": "GET /guilds/{}"]),
    #""route" must be a"#),
  Mistake("POST", "/faults", fault(["kind": "html"], ["guild": "abc"]), #""guild" must be an id"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html"], ["nth": -1]), #""nth" must be a whole number"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html"], ["nth": "2"]), #""nth" must be a whole number"#),
  Mistake("POST", "/faults", fault(["kind": "html"], ["count": 0]), #""count" must be a whole"#),
  Mistake(
    "POST", "/faults", fault(["kind": "html"], ["probability": 20]),
    #""probability" must be a number from 0 to 1"#),
  Mistake("POST", "/faults", fault(["kind": "html"], ["seconds": 1e300]), #""seconds" must be"#),
  Mistake(
    "POST", "/faults", fault(["kind": "status-before-commit", "status": 99_999]),
    #""fault.status" must be a whole number from 400 to 599"#),
  Mistake(
    "POST", "/faults", fault(["kind": "status-after-commit", "status": 204]), #""fault.status""#),
  Mistake(
    "POST", "/faults", fault(["kind": "rate-limited", "retryAfter": 1e300]),
    #""fault.retryAfter" must be a number"#),
  Mistake(
    "POST", "/faults", fault(["kind": "rate-limited", "scope": "all"]),
    #""fault.scope" must be one of "user", "global", "shared", "sub-limit""#),
  Mistake("POST", "/faults", fault(["kind": "latency"]), #""fault.milliseconds" is missing"#),
  Mistake(
    "POST", "/faults", fault(["kind": "latency", "milliseconds": 0, "maximum": .integer(.max)]),
    #""fault.maximum" must be"#),
  Mistake(
    "POST", "/faults", fault(["kind": "latency", "milliseconds": 5, "maximum": 4]),
    #""fault.maximum" must be a whole number from 5"#),
  Mistake(
    "POST", "/faults", fault(["kind": "stale-read", "milliseconds": .integer(.max)]),
    #""fault.milliseconds" must be"#),
  Mistake(
    "POST", "/faults", fault(["kind": "audit-log-delay", "milliseconds": -1]),
    #""fault.milliseconds" must be"#),
  Mistake(
    "POST", "/faults", fault(["kind": "cloudflare", "status": 100_000]), #""fault.status" must be"#),
  Mistake(
    "POST", "/faults", fault(["kind": "overwrite-swallowed", "milliseconds": 1, "shown": 1]),
    #""fault.shown" must be true or false"#),
  Mistake("PUT", "/limits", [1], "the body must be an object"),
  Mistake("PUT", "/limits", ["mode": "odd"], #""mode" must be one of "none""#),
  Mistake("PUT", "/limits", ["global": -1], #""global" must be a whole number"#),
  Mistake("PUT", "/limits", ["default": ["window": 0]], #""default.window" must be a number"#),
  Mistake("PUT", "/limits", ["default": ["window": -9]], #""default.window" must be a number"#),
  Mistake("PUT", "/limits", ["default": ["limit": 0]], #""default.limit" must be a whole"#),
  Mistake("PUT", "/limits", ["default": ["scope": "all"]], #""default.scope" must be one"#),
  Mistake("PUT", "/limits", ["default": ["major": "guild"]], #""default.major" must be one"#),
  Mistake("PUT", "/limits", ["headers": true], #""headers" must be one of "on""#),
  Mistake("PUT", "/limits", ["scopeAlways": "yes"], #""scopeAlways" must be true or false"#),
  Mistake("PUT", "/limits", ["dateSkew": -9e11], #""dateSkew" must be a number"#),
  Mistake("PUT", "/limits", ["subLimits": ["name": 5]], #""subLimits.name" must be an object"#),
  Mistake("PUT", "/limits", ["routes": [1]], #""routes" must be an object"#),
  Mistake("PUT", "/limits", ["invalid": "x"], #""invalid" must be an object"#),
  Mistake("PUT", "/limits", ["invalid": ["window": 1e300]], #""invalid.window" must be"#),
  Mistake("PUT", "/limits", ["invalid": ["limit": -1]], #""invalid.limit" must be"#),
  Mistake("PUT", "/limits", ["cloudflare": "yes"], #""cloudflare" must be an object"#),
  Mistake("PUT", "/limits", ["cloudflare": ["status": 1_000]], #""cloudflare.status" must be"#),
  Mistake("PUT", "/latency", [:], #""milliseconds" is missing"#),
  Mistake("PUT", "/latency", ["milliseconds": -1], #""milliseconds" must be a whole number"#),
  Mistake("PUT", "/latency", ["milliseconds": 1e11], #""milliseconds" must be a whole number"#),
  Mistake("PUT", "/rules", ["obfuscation": "no"], #""obfuscation" must be true or false"#),
  Mistake("PUT", "/rules", ["newRoles": "odd"], #""newRoles" must be one of "ties", "shift""#),
  Mistake("PATCH", guild, ["features": "x"], #""features" must be a list"#),
  Mistake("PATCH", guild, ["features": [1]], #""features" must be a list of texts"#),
  Mistake("PATCH", guild, ["premium_tier": -5], #""premium_tier" must be a whole number"#),
  Mistake("PATCH", guild, ["name": 5], #""name" must be a text"#),
  Mistake("PATCH", guild, ["name": "New", "owner_id": "5"], #""owner_id" is no member"#),
  Mistake("PATCH", guild, [1], "the body must be an object"),
  Mistake("PATCH", "/guilds/5", [:], "no such guild"),
  Mistake("POST", "/guilds", ["id": "abc"], #""id" must be an identifier"#),
  Mistake(
    "POST", "/guilds", ["id": DiscordWorld.sandboxGuildID.json], #""id": there is a guild"#),
  Mistake("POST", "/guilds", ["id": "18446744073709551615"], #""id" must be an identifier"#),
  Mistake("POST", "/guilds", ["permissions": "all"], #""permissions" must be a permission mask"#),
  Mistake(
    "PUT", guild + "/bot-permissions", ["permissions": "abc"],
    #""permissions" must be a permission"#),
  Mistake(
    "PUT", guild + "/bot-permissions", ["position": .integer(.max)], #""position" must be"#),
  Mistake("PUT", guild + "/bot-permissions", ["bot": "5"], "the bot has no role in this guild"),
  Mistake("POST", guild + "/members", [:], #""user" is missing"#),
  Mistake("POST", guild + "/members", ["user": ["id": "x"]], #""user.id" must be an identifier"#),
  Mistake(
    "POST", guild + "/members", ["user": ["id": DiscordWorld.sandboxBotID.json]],
    #""user.id" is a member already"#),
  Mistake(
    "POST", guild + "/members", ["user": ["id": "7"], "roles": ["99"]], #""roles" has 99, which"#),
  Mistake("POST", "/tokens", ["token": 5], #""token" must be a text"#),
  Mistake("POST", "/tokens", [:], #""token" is missing"#),
  Mistake("POST", "/tokens", ["token": "t", "bot": ["id": "zz"]], #""bot.id" must be an id"#),
  Mistake(
    "POST", "/tokens", ["token": "t", "bot": ["id": DiscordWorld.sandboxOwnerID.json]],
    #""bot.id" is that of a person"#),
  Mistake("POST", "/tokens", ["token": "t", "guilds": ["zz"]], #""guilds[0]" must be an id"#),
  Mistake("POST", "/tokens", ["token": "t", "guilds": ["5"]], #""guilds": there is no guild 5"#),
  Mistake("GET", "/requests?since=abc", [:], #""since" must be"#),
  Mistake("GET", "/requests?sinc=1", [:], #"the query can only have "since""#),
]

@Test(arguments: misspelt + wrong)
func aMistakeIsNamedAndChangesNothing(mistake: Mistake) {
  var bot = SimulatedBot()
  let questions = ["/state", "/limits", "/rules", "/faults", "/score"]
  let before = questions.map { bot.control("GET", $0).json }
  let answer = bot.control(mistake.method, mistake.path, mistake.body)
  #expect(answer.status == 400)
  let message = answer.json["message"]?.stringValue ?? ""
  #expect(message.contains(mistake.complaint), "\(message)")
  #expect(questions.map { bot.control("GET", $0).json } == before)
  #expect(bot.simulation.latency == .zero)
}

/// Every member in its highest and lowest value: none of them may stop the simulator.
@Test func extremesAreServed() {
  let rules: [JSONValue] = [
    fault(["kind": "latency", "milliseconds": 0, "maximum": 86_400_000]),
    fault(["kind": "stale-read", "milliseconds": 86_400_000]),
    fault(["kind": "audit-log-delay", "milliseconds": 86_400_000]),
    fault(["kind": "overwrite-swallowed", "milliseconds": 86_400_000, "shown": true]),
    fault(["kind": "html"], ["nth": 1_000_000_000, "seconds": 31_536_000]),
    fault(["kind": "rate-limited", "retryAfter": 604_800], ["nth": 2]),
    fault(["kind": "cloudflare", "status": 599, "retryAfter": 31_536_000], ["nth": 4]),
    fault(["kind": "status-before-commit", "status": 400], ["probability": 0]),
  ]
  let limits: [JSONValue] = [
    ["default": ["limit": 1_000_000, "window": 0.001]],
    ["default": ["limit": 1, "window": 31_536_000]], ["dateSkew": 1e9], ["dateSkew": -1e9],
    ["invalid": ["limit": 0, "window": 31_536_000, "ban": 31_536_000]], ["global": 1_000_000],
  ]
  for mode in ["fixed", "sliding"] {
    for settings in limits {
      var bot = SimulatedBot()
      var sent = settings
      sent["mode"] = .string(mode)
      for rule in rules { #expect(bot.control("POST", "/faults", rule).status == 200) }
      #expect(bot.control("PUT", "/limits", sent).status == 200, "\(sent.serializedText())")
      for _ in 0..<4 {
        bot.send("GET", guild + "/audit-logs")
        bot.makeChannel("a")
        bot.advance(.seconds(1))
      }
      #expect(bot.control("GET", "/score").json["requests"] == 8)
    }
  }
}

@Test func whatTheControlAPIShowsItAlsoTakes() {
  var bot = SimulatedBot()
  let rule: JSONValue = ["limit": 1, "window": 10, "scope": "shared", "hash": "abc"]
  for settings: JSONValue in [
    [:], ["mode": "sliding", "routes": ["GET /guilds/{}": rule], "subLimits": ["nsfw": rule]],
    ["cloudflare": true, "dateSkew": -5.5, "scopeAlways": true],
  ] {
    #expect(bot.control("PUT", "/limits", settings).status == 200)
    let shown = bot.control("GET", "/limits").json
    #expect(bot.control("PUT", "/limits", shown).json == shown)
  }
  #expect(bot.control("PUT", "/limits", ["routes": ["GET /guilds/{}": .null]]).status == 200)
  #expect(bot.control("GET", "/limits").json["routes"]?["GET /guilds/{}"] == nil)
  let rules = bot.control("PUT", "/rules", ["newRoles": "shift"]).json
  #expect(bot.control("PUT", "/rules", rules).json == rules)
}

@Test func controlRoutesThatDoNotExistAreNamed() {
  var bot = SimulatedBot()
  let answer = bot.control("POST", "/score", [:])
  #expect(answer.status == 404)
  #expect(answer.json["message"] == "no such control route: POST /control/score")
}
