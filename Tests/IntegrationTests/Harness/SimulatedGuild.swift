import JSONValue

/// One guild of the simulator, seen and changed as its owner.
struct SimulatedGuild: Sendable {
  let id: String
  let name: String
  let control: SimulatorControl

  func guild() async throws -> JSONValue { try await control.discord("GET", "/guilds/\(id)") }

  func channels() async throws -> [JSONValue] {
    try await control.discord("GET", "/guilds/\(id)/channels").arrayValue ?? []
  }

  func roles() async throws -> [JSONValue] {
    try await control.discord("GET", "/guilds/\(id)/roles").arrayValue ?? []
  }

  /// The one channel with this ID, nil when it is gone.
  func channel(_ channelID: String) async throws -> JSONValue? {
    try await channels().first { $0["id"]?.stringValue == channelID }
  }

  func role(_ roleID: String) async throws -> JSONValue? {
    try await roles().first { $0["id"]?.stringValue == roleID }
  }

  func channels(named name: String) async throws -> [JSONValue] {
    try await channels().filter { $0["name"]?.stringValue == name }
  }

  func roles(named name: String) async throws -> [JSONValue] {
    try await roles().filter { $0["name"]?.stringValue == name }
  }

  /// How many objects the audit log says were made: 10 counts channels, 30 roles.
  func creations(ofType action: Int) async throws -> Int {
    let log = try await control.discord(
      "GET", "/guilds/\(id)/audit-logs?action_type=\(action)&limit=100")
    return log["audit_log_entries"]?.arrayValue?.count ?? 0
  }

  func patchGuild(_ fields: JSONValue) async throws {
    try await control.discord("PATCH", "/guilds/\(id)", body: fields)
  }

  func patchChannel(_ channelID: String, _ fields: JSONValue) async throws {
    try await control.discord("PATCH", "/channels/\(channelID)", body: fields)
  }

  func deleteChannel(_ channelID: String) async throws {
    try await control.discord("DELETE", "/channels/\(channelID)")
  }

  func patchRole(_ roleID: String, _ fields: JSONValue) async throws {
    try await control.discord("PATCH", "/guilds/\(id)/roles/\(roleID)", body: fields)
  }

  func deleteRole(_ roleID: String) async throws {
    try await control.discord("DELETE", "/guilds/\(id)/roles/\(roleID)")
  }

  /// IDs of everything in the guild, to see that it is as it was.
  func inventory() async throws -> Set<String> {
    let things = try await channels() + roles()
    return Set(things.compactMap { $0["id"]?.stringValue })
  }
}
