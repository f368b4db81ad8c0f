import JSONValue

/// Reads and judges permission overwrites.
extension DiscordGuild {
  /// Most overwrites of one channel, and most in one request (the description's number).
  static let overwriteCapacity = 1_000
  static let overwritesPerRequest = 100

  /// Reads `permission_overwrites`; nil when the field is absent.
  func readOverwrites(_ reader: inout BodyReader) -> [PermissionOverwrite]? {
    let key = "permission_overwrites"
    switch reader.list(key, limit: Self.overwritesPerRequest) {
    case .absent: return nil
    case .null: return nil
    case .value(let elements):
      var result: [PermissionOverwrite] = []
      let read: [PermissionOverwrite] = reader.each(elements, of: key) { overwrite in
        overwrite.require("id")
        guard let id = overwrite.snowflake("id").value else { return nil }
        return self.readOverwrite(&overwrite, id: id, isInList: true)
      }
      for overwrite in read { result.put(overwrite) }
      return result
    }
  }

  /// Reads `type`, `allow` and `deny`. A target that is neither a role nor a member gives nil,
  /// with a complaint when it stands in a list.
  func readOverwrite(
    _ reader: inout BodyReader, id: Snowflake, isInList: Bool
  ) -> PermissionOverwrite? {
    let fallback: PermissionOverwrite.Target = roles[id] == nil ? .member : .role
    let type = reader.choice("type", of: [0, 1], nullable: true).value
    let target = type.flatMap(PermissionOverwrite.Target.init(rawValue:)) ?? fallback
    let allow = reader.permissions("allow").value ?? []
    let deny = reader.permissions("deny").value ?? []
    let isKnown = target == .role ? roles[id] != nil : members[id] != nil
    guard isKnown else {
      if isInList {
        reader.errors.add(["id"], "OVERWRITE_TARGET_UNKNOWN", "Unknown role or member")
      }
      return nil
    }
    return PermissionOverwrite(id: id, target: target, allow: allow, deny: deny)
  }

  /// Refuses overwrites with bits that the caller does not hold itself, and any of MANAGE_ROLES
  /// unless the caller is an administrator. Overwrites that are there already pass.
  func requireGrantable(
    _ overwrites: [PermissionOverwrite], existing: [PermissionOverwrite], _ call: DiscordCall
  ) throws(DiscordRefusal) {
    let held = permissions(of: call.userID(in: self))
    for overwrite in overwrites where !existing.contains(overwrite) {
      let bits = overwrite.allow.union(overwrite.deny)
      guard held.isSuperset(of: bits) else { throw .missingPermissions }
      if bits.contains(.manageRoles), !held.contains(.administrator) {
        throw .missingPermissions
      }
    }
  }

  /// Writes the audit log's lines for a change of a channel's overwrites.
  mutating func recordOverwrites(
    from old: [PermissionOverwrite], to new: [PermissionOverwrite], channel: Snowflake,
    by call: DiscordCall, _ ids: inout SnowflakeSource
  ) {
    for overwrite in new {
      let before = old.first { $0.id == overwrite.id }
      guard before != overwrite else { continue }
      let changes = AuditLogEntry.changes(
        from: before.map(Self.comparable) ?? [:], to: Self.comparable(overwrite))
      record(
        before == nil ? .overwriteCreate : .overwriteUpdate, channel, changes: changes,
        options: options(for: overwrite), by: call, &ids)
    }
    for overwrite in old where !new.contains(where: { $0.id == overwrite.id }) {
      record(
        .overwriteDelete, channel,
        changes: AuditLogEntry.changes(from: Self.comparable(overwrite), to: [:]),
        options: options(for: overwrite), by: call, &ids)
    }
  }

  private static func comparable(_ overwrite: PermissionOverwrite) -> [String: JSONValue] {
    ["allow": overwrite.allow.json, "deny": overwrite.deny.json]
  }

  private func options(for overwrite: PermissionOverwrite) -> [String: JSONValue] {
    var result: [String: JSONValue] = [
      "id": overwrite.id.json, "type": .string(String(overwrite.target.rawValue)),
    ]
    if overwrite.target == .role, let role = roles[overwrite.id] {
      result["role_name"] = .string(role.name)
    }
    return result
  }
}
