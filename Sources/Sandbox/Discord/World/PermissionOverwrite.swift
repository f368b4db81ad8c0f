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

  /// An overwrite as Discord writes it.
  package init?(json: JSONValue) {
    guard let id = Snowflake(json: json["id"]), let type = json["type"]?.integerValue,
      let target = Target(rawValue: type)
    else { return nil }
    self.init(
      id: id, target: target, allow: PermissionBits(json: json["allow"]) ?? [],
      deny: PermissionBits(json: json["deny"]) ?? [])
    isWithoutEffect = json["without_effect"]?.boolValue ?? false
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
