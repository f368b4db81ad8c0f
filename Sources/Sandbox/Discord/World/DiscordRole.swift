package import JSONValue

/// A role of a guild. The role whose identifier is the guild's is @everyone.
package struct DiscordRole: Sendable {
  /// The identifier.
  package let id: Snowflake
  /// 1 to 100 characters; need not be unique.
  package var name: String
  /// What its members may do.
  package var permissions: PermissionBits
  /// Rank; @everyone has 0. Equal positions are allowed: the older role then ranks higher.
  package var position: Int64
  /// Belongs to an integration, so that nobody can delete it.
  package var isManaged: Bool
  /// `colors`, `hoist`, `mentionable`, `icon`, `unicode_emoji`, `flags`, `tags`.
  package var attributes: [String: JSONValue]

  /// A role with the defaults of Discord.
  package init(id: Snowflake, name: String, permissions: PermissionBits, position: Int64) {
    self.id = id
    self.name = name
    self.permissions = permissions
    self.position = position
    isManaged = false
    attributes = Self.defaults
  }

  /// What a role has when nothing was sent.
  static let defaults: [String: JSONValue] = [
    "colors": ["primary_color": 0, "secondary_color": .null, "tertiary_color": .null],
    "hoist": false, "mentionable": false, "icon": .null, "unicode_emoji": .null, "flags": 0,
  ]

  /// Whether this role ranks above another.
  package func ranks(above other: DiscordRole) -> Bool {
    position != other.position ? position > other.position : id < other.id
  }

  /// Every field that a change can be seen in, for audit log entries.
  var comparable: [String: JSONValue] {
    var result = attributes
    result["name"] = .string(name)
    result["permissions"] = permissions.json
    result["color"] = attributes["colors"]?["primary_color"] ?? 0
    result["flags"] = nil
    result["tags"] = nil
    return result
  }

  /// The role as the API shows it. `color` is the deprecated shadow of `colors`.
  package var json: JSONValue {
    var result = attributes
    result["id"] = id.json
    result["name"] = .string(name)
    result["permissions"] = permissions.json
    result["position"] = .integer(position)
    result["managed"] = .bool(isManaged)
    result["color"] = attributes["colors"]?["primary_color"] ?? 0
    return .object(result)
  }

  /// A role from what `json` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let own = ["id", "name", "permissions", "position", "managed", "color"]
    var kinds = Self.defaults.mapValues(AttributeKind.init(of:))
    kinds["tags"] = .object
    let sent = try ControlBody(state, at: path, members: own + kinds.keys)
    id = try sent.required("id", try sent.snowflake("id"))
    name = try sent.required("name", try sent.text("name", length: 1...100))
    permissions = try sent.permissions("permissions") ?? []
    position = try sent.whole("position", in: 0...Int64(Int32.max)) ?? 1
    isManaged = try sent.truth("managed") ?? false
    attributes = Self.defaults.merging(try sent.attributes(kinds)) { _, loaded in loaded }
  }
}
