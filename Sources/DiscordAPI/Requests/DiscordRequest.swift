/// What goes first when the rate is scarce.
package enum RequestPriority: Int, Sendable, Comparable, CaseIterable {
  /// A creation or a deletion: somebody waits for it.
  case createOrDelete = 0
  /// A change of something that exists.
  case update = 1
  /// A look at something that probably did not change.
  case poll = 2

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One request to Discord's HTTP API, as the caller thinks of it: no token, no base URL.
package struct DiscordRequest: Sendable {
  /// `GET`, `POST`, `PATCH`, `PUT` or `DELETE`.
  package var method: String
  /// The path below the API's base, such as `/guilds/1/channels`, without query.
  package var path: String
  /// Query items, not yet encoded.
  package var query: [(String, String)]
  /// JSON, or nil for none.
  package var body: [UInt8]?
  /// What Discord's audit log shows. Percent-encoded and cut to 512 by the client: put first what
  /// must survive the cut.
  package var auditLogReason: String?
  /// What goes first when the rate is scarce.
  package var priority: RequestPriority
  /// `guild`, `channel`, `role`, …: the circuit breaker and metric label it belongs to.
  package var resourceType: String
  /// `observe`, `create`, `update`, `delete`, …: the metric label.
  package var operation: String
  /// The guild whose share of the rate it uses. Taken from the path where that names one; a request
  /// below `/channels/{id}` should say it.
  package var guildID: String?
  /// On whose behalf (such as `channel default/general`), for the security log.
  package var actor: String?

  /// A request; only method and path have no default.
  package init(
    method: String, path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
    auditLogReason: String? = nil, priority: RequestPriority = .poll,
    resourceType: String = "other", operation: String = "observe", guildID: String? = nil,
    actor: String? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.body = body
    self.auditLogReason = auditLogReason
    self.priority = priority
    self.resourceType = resourceType
    self.operation = operation
    self.guildID = guildID
    self.actor = actor
  }
}

/// An answer of class 2xx, or the 404 of a DELETE whose object was gone already.
package struct DiscordResponse: Sendable, Hashable {
  /// The HTTP status.
  package var status: Int
  /// The JSON, or nothing after a 204.
  package var body: [UInt8]

  /// An answer.
  package init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}
