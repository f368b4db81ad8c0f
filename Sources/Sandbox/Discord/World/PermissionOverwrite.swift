package import JSONValue

/// What one role or member is additionally allowed or denied in one channel.
package struct PermissionOverwrite: Sendable, Hashable {
  /// Whom an overwrite is for; the raw value is Discord's `type`.
  package enum Target: Int64, Sendable {
    case role = 0
    case member = 1
  }

  /// The role or user.
  package var id: Snowflake
  /// Whether `id` is a role or a member.
  package var target: Target
  /// Granted bits.
  package var allow: PermissionBits
  /// Taken bits.
  package var deny: PermissionBits
  /// Stored and shown, but without effect: what a PUT right after the channel's POST can leave
  /// behind (discord-api-docs #6357).
  package var isWithoutEffect = false

  /// An overwrite by its parts.
  package init(id: Snowflake, target: Target, allow: PermissionBits, deny: PermissionBits) {
    self.id = id
    self.target = target
    self.allow = allow
    self.deny = deny
  }

  /// An overwrite of a saved state; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let sent = try ControlBody(
      state, at: path, members: ["id", "type", "allow", "deny", "without_effect"])
    let id = try sent.required("id", try sent.snowflake("id"))
    let type = try sent.required("type", try sent.whole("type", in: 0...1))
    self.init(
      id: id, target: Target(rawValue: type) ?? .role,
      allow: try sent.permissions("allow") ?? [], deny: try sent.permissions("deny") ?? [])
    isWithoutEffect = try sent.truth("without_effect") ?? false
  }

  /// The JSON form.
  package var json: JSONValue {
    [
      "id": id.json, "type": .integer(target.rawValue), "allow": allow.json, "deny": deny.json,
    ]
  }
}

extension [PermissionOverwrite] {
  /// Whether both lists say the same, whatever their order.
  func saysTheSame(as other: [PermissionOverwrite]) -> Bool {
    Set(self) == Set(other)
  }

  /// Puts an overwrite in place of the one with the same target, or at the end.
  mutating func put(_ overwrite: PermissionOverwrite) {
    if let index = firstIndex(where: { $0.id == overwrite.id }) {
      self[index] = overwrite
    } else {
      append(overwrite)
    }
  }
}
