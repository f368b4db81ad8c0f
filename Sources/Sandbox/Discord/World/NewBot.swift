package import JSONValue

/// A bot, or one more token of a bot, that is to be made.
package struct NewBot: Sendable {
  /// What the bot logs in with.
  package var token: String
  /// The bot's user; nil for a new one.
  package var id: Snowflake?
  /// Nil for the name that it has, or one made from the identifier.
  package var username: String?
  /// Guilds that it joins; nil for all of them if it is new, and none otherwise.
  package var guilds: [Snowflake]?
  /// Of its own role in those guilds.
  package var permissions = PermissionBits.administrator

  /// A new bot in all guilds.
  package init(token: String) { self.token = token }

  /// A bot from `{"token", "bot": {"id", "username"}, "guilds", "permissions"}`, all optional but
  /// the token.
  package init(json: JSONValue) throws(ControlError) {
    let sent = try ControlBody(json, members: ["token", "bot", "guilds", "permissions"])
    token = try sent.required("token", try sent.text("token"))
    let bot = try sent.object("bot", members: ["id", "username"])
    id = try bot?.snowflake("id")
    username = try bot?.text("username", length: 1...32)
    guilds = try sent.snowflakes("guilds")
    permissions = try sent.permissions("permissions") ?? permissions
  }
}
