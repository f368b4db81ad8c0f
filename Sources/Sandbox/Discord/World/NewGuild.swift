package import JSONValue

/// A guild that is to be made.
package struct NewGuild: Sendable {
  /// Nil for the next identifier.
  package var id: Snowflake?
  /// Nil for a name made from the identifier.
  package var name: String?
  /// At first those that every type of channel needs.
  package var features = ["COMMUNITY", "NEWS", "ROLE_SUBSCRIPTIONS_ENABLED"]
  /// Boost level, 0 to 3.
  package var premiumTier: Int64 = 0
  /// Of every bot's own role.
  package var permissions = PermissionBits.administrator

  /// A guild with this name.
  package init(name: String) { self.name = name }

  /// A guild from `{"id", "name", "features", "premium_tier", "permissions"}`, all optional.
  package init(json: JSONValue) throws(ControlError) {
    let sent = try ControlBody(
      json, members: ["id", "name", "features", "premium_tier", "permissions"])
    id = try sent.snowflake("id")
    name = try sent.text("name", length: 2...100)
    features = try sent.texts("features") ?? features
    premiumTier = try sent.whole("premium_tier", in: 0...3) ?? premiumTier
    permissions = try sent.permissions("permissions") ?? permissions
  }
}
