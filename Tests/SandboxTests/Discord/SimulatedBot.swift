import JSONValue

@testable import Sandbox

/// The seeded simulation with a clock in the test's hand, and the bot's way to talk to it.
struct SimulatedBot {
  static let guild = "/guilds/\(DiscordWorld.sandboxGuildID)"

  var simulation: DiscordSimulation
  var now = SimulatedTime(milliseconds: 1_790_000_000_000)
  var token = DiscordWorld.sandboxToken
  var userAgent: String? = "DiscordBot (https://example.invalid, 1)"
  var contentType: String? = "application/json"

  init(_ limits: LimitConfiguration = .init(mode: .none)) {
    simulation = DiscordSimulation(world: .sandbox(now: now), limits: limits)
  }

  struct Answer {
    var outcome: SimulatedOutcome
    var status: Int { outcome.status }
    var json: JSONValue { (try? JSONValue(parsing: outcome.body)) ?? .null }
    var code: Int64? { json["code"]?.integerValue }
    var id: String { json["id"]?.stringValue ?? "none" }

    /// The inner codes below a path of `errors`.
    func errors(_ path: String...) -> [String] {
      (json.value(at: ["errors"] + path + ["_errors"])?.arrayValue ?? []).compactMap {
        $0["code"]?.stringValue
      }
    }
  }

  @discardableResult
  mutating func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, reason: String? = nil,
    text: String? = nil
  ) -> Answer {
    var request = SimulatedRequest(method: method, target: "/api/v10" + path)
    request.authorization = "Bot " + token
    request.userAgent = userAgent
    request.contentType = contentType
    request.auditLogReason = reason
    if let body { request.body = body.serialized() }
    if let text { request.body = Array(text.utf8) }
    return Answer(outcome: simulation.handle(request, now: now))
  }

  @discardableResult
  mutating func owner(_ method: String, _ path: String, _ body: JSONValue? = nil) -> Answer {
    control(method, "/api/v10" + path, body)
  }

  @discardableResult
  mutating func control(_ method: String, _ path: String, _ body: JSONValue? = nil) -> Answer {
    var request = SimulatedRequest(method: method, target: "/control" + path)
    if let body { request.body = body.serialized() }
    return Answer(outcome: simulation.control(request, now: now))
  }

  mutating func advance(_ duration: Duration) { now = now.advanced(by: duration) }

  @discardableResult
  mutating func makeChannel(_ name: String, _ more: JSONValue = [:]) -> Answer {
    var body = more
    body["name"] = .string(name)
    return send("POST", Self.guild + "/channels", body)
  }

  mutating func channels() -> [JSONValue] {
    send("GET", Self.guild + "/channels").json.arrayValue ?? []
  }

  mutating func channel(_ id: String) -> JSONValue { send("GET", "/channels/\(id)").json }

  mutating func setPermissions(_ bits: PermissionBits) {
    control("PUT", Self.guild + "/bot-permissions", ["permissions": bits.json])
  }
}
