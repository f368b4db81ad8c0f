import DiscordAPI
import JSONValue

/// Looks for what an interrupted create may have made.
struct CreateSearch {
  /// What the audit log says.
  enum Finding: Sendable, Equatable {
    /// The object with this ID carries our nonce.
    case found(String)
    /// The log was read back to the attempt and has no entry of it.
    case absent
    /// The log can't be read; with the reason.
    case unreadable(String)
  }

  let connection: DiscordConnection
  let rule: Rule
  let nonce: CreateNonce
  let pending: Timestamp
  let guild: String?
  let now: Timestamp
  let uptime: Duration

  /// How far Discord's clock and ours may be apart.
  private static let clockTolerance: Int64 = 60_000
  /// After this long a request that was on its way has either been performed or never will be,
  /// and a list that can't hide anything shows it.
  private static let settleTime: Int64 = 10_000
  /// The audit log may be late by half a minute; where a list can hide the object, only the log
  /// tells.
  private static let settleTimeWithHidden: Int64 = 45_000

  /// The snowflake that was first at the time of the attempt: what is older can't be ours.
  var earliestSnowflake: String {
    let discordEpoch: Int64 = 1_420_070_400_000
    let since = max(0, pending.millisecondsSince1970 - Self.clockTolerance - discordEpoch)
    return String(since << 22)
  }

  /// Reads the guild's audit log back to the attempt.
  func inAuditLog() async throws(DiscordError) -> Finding {
    guard let action = rule.auditAction, let guild else {
      return .unreadable("\(rule.module) has no audit_action or no guildId")
    }
    do {
      let entries = try await connection.reads.auditLog(
        guild: guild, actionType: action, since: earliestSnowflake, notOlderThan: uptime)
      let ours = entries.first { $0.reason.map(nonce.isIn) ?? false }
      return ours?.targetID.map { .found($0) } ?? .absent
    } catch .answered(let failure) {
      return .unreadable(
        "\(failure): give the bot the View Audit Log permission")
    }
  }

  /// How much longer to wait before nothing found means nothing made.
  func remainingWait() async throws -> Duration {
    let mayHide =
      rule.resourceType == "channel" ? try await !connection.seesEverything(in: guild ?? "") : false
    let settle = mayHide ? Self.settleTimeWithHidden : Self.settleTime
    let age = now.millisecondsSince1970 - pending.millisecondsSince1970
    return .milliseconds(settle - age)
  }
}
