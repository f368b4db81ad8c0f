/// What is known of one object by ID.
package enum Lookup: Sendable, Hashable {
  /// It exists; its JSON.
  case found([UInt8])
  /// It does not exist: Discord said so of this very ID (10003 or 10011), or we deleted it.
  case gone
  /// A channel that exists but that the bot may not view (403 50001). Nothing may be created in its
  /// place: since 2026-11-16 Discord's lists leave such channels out (discord-api-docs 8454).
  case hidden
}

/// One entry of a guild's audit log: what is needed to find who made an object.
package struct AuditLogEntry: Sendable, Hashable {
  /// The entry's own ID: a snowflake, so also its time.
  package var id: String
  /// Who did it; nil for nobody in particular.
  package var userID: String?
  /// What it was done to.
  package var targetID: String?
  /// The event's number, such as 10 CHANNEL_CREATE and 30 ROLE_CREATE.
  package var actionType: Int
  /// `X-Audit-Log-Reason` of the request, decoded.
  package var reason: String?

  /// An entry.
  package init(
    id: String, userID: String?, targetID: String?, actionType: Int, reason: String?
  ) {
    self.id = id
    self.userID = userID
    self.targetID = targetID
    self.actionType = actionType
    self.reason = reason
  }
}
