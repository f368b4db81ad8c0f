import JSONValue
import Synchronization

/// Stands in for Discord in a case: answers a script's effects from what the case says, and keeps
/// the requests.
final class CaseWorld: Sendable {
  private struct State {
    var usedAnswers: Set<Int> = []
    var requests: [JSONValue] = []
  }

  private let discord: JSONValue
  private let answers: [JSONValue]
  private let capabilities: Set<String>
  private let state = Mutex(State())

  init(_ scriptCase: ScriptCase, rule: Rule) {
    discord = scriptCase.discord
    answers = scriptCase.answers
    capabilities = rule.capabilities
  }

  /// The `discord.request`s of the call that the case is about.
  var requests: [JSONValue] { state.withLock { $0.requests } }

  /// The answers that nothing asked for.
  var unusedAnswers: [JSONValue] {
    let used = state.withLock { $0.usedAnswers }
    return answers.indices.filter { !used.contains($0) }.map { answers[$0] }
  }

  /// Answers one effect.
  ///
  /// - Parameters:
  ///   - mayWrite: false for `observe` and `find`.
  ///   - isCounted: false for the `observe` that only gives `update` its argument.
  /// - Throws: `EffectError` for what production refuses as well.
  func perform(_ effect: JSONValue, mayWrite: Bool, isCounted: Bool) throws -> JSONValue {
    let name = effect["effect"]?.stringValue ?? ""
    let gate = EffectGate(capabilities: capabilities, mayWrite: mayWrite)
    try gate.admit(
      name, method: effect["method"]?.stringValue, path: effect["path"]?.stringValue)
    if name == "log" { return .null }
    if name == "discord.request", isCounted {
      state.withLock { $0.requests.append(effect) }
    }
    if let answer = takeAnswer(name, effect) { return answer }
    return read(name, effect)
  }

  private func takeAnswer(_ name: String, _ effect: JSONValue) -> JSONValue? {
    let place: Int? = state.withLock { state in
      let place = answers.indices.first { place in
        !state.usedAnswers.contains(place) && Self.matches(answers[place], name, effect)
      }
      if let place { state.usedAnswers.insert(place) }
      return place
    }
    guard let answer = place.map({ answers[$0] }) else { return nil }
    let status = answer["status"]?.integerValue ?? 200
    guard status >= 400 else { return Self.success(answer["body"] ?? .null) }
    return [
      "ok": false, "status": .integer(status), "code": answer["code"] ?? 0,
      "message": answer["message"] ?? "", "errors": answer["errors"] ?? [],
    ]
  }

  private static func matches(_ answer: JSONValue, _ name: String, _ effect: JSONValue) -> Bool {
    guard (answer["effect"]?.stringValue ?? "discord.request") == name else { return false }
    return ["method", "path"].allSatisfy { key in
      answer[key].map { $0 == effect[key] } ?? true
    }
  }

  private func read(_ name: String, _ effect: JSONValue) -> JSONValue {
    let guild = discord["guild"]
    let isInGuild = guild != nil && guild?["id"] == effect["guild_id"]
    switch name {
    case "discord.guild": return isInGuild ? Self.found(guild, or: 10004) : Self.missing(10004)
    case "discord.role":
      guard isInGuild else { return Self.missing(10004) }
      return Self.found(Self.element(of: guild?["roles"], effect["id"]), or: 10011)
    case "discord.channels": return Self.success(discord["channels"] ?? [])
    case "discord.channel":
      return Self.found(Self.element(of: discord["channels"], effect["id"]), or: 10003)
    case "discord.guilds":
      return Self.success(discord["guilds"] ?? .array(guild.map { [$0] } ?? []))
    case "discord.me":
      return Self.success(discord["me"] ?? ["id": "1", "username": "bot", "bot": true])
    default: return Self.echo(effect)
    }
  }

  /// Discord's answer to a write that it takes as it is.
  private static func echo(_ effect: JSONValue) -> JSONValue {
    var body = effect["body"] ?? [:]
    switch effect["method"]?.stringValue {
    case "POST":
      if body["id"] == nil { body["id"] = "1000000000000000000" }
    case "PATCH":
      let path = effect["path"]?.stringValue ?? ""
      body["id"] = .string(path.split(separator: "/").last.map(String.init) ?? "")
    default: return success(.null)
    }
    return success(body)
  }

  private static func element(of list: JSONValue?, _ id: JSONValue?) -> JSONValue? {
    list?.arrayValue?.first { $0["id"] == id }
  }

  private static func success(_ body: JSONValue) -> JSONValue { ["ok": true, "body": body] }

  private static func found(_ body: JSONValue?, or code: Int64) -> JSONValue {
    body.map(success) ?? missing(code)
  }

  private static func missing(_ code: Int64) -> JSONValue {
    let messages: [Int64: String] = [
      10003: "Unknown Channel", 10004: "Unknown Guild", 10011: "Unknown Role",
    ]
    return [
      "ok": false, "status": 404, "code": .integer(code),
      "message": .string(messages[code] ?? "Unknown"), "errors": [],
    ]
  }
}
