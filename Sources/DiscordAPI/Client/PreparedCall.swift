import HTTPTransport

/// A request made ready once for all its tries.
struct PreparedCall: Sendable {
  let request: DiscordRequest
  let route: Route
  let http: HTTPRequest
  let ask: RateLimiter.Ask

  var isWrite: Bool { !route.isRead }
  /// A POST that was performed twice would make two objects: there is no idempotency key.
  var mayBeSentAgain: Bool { request.method != "POST" }
  var isTokenCheck: Bool { route.template == "GET /users/@me" }

  init(
    _ request: DiscordRequest, id: UInt64, baseURL: DiscordBaseURL, token: DiscordToken,
    configuration: DiscordClientConfiguration
  ) throws(DiscordError) {
    guard Self.methods.contains(request.method) else {
      throw DiscordError.invalidRequest("method \(request.method)")
    }
    guard Self.isPath(request.path) else {
      throw DiscordError.invalidRequest(
        "the path must begin with / and have no empty or dot segments, query or spaces")
    }
    self.request = request
    route = Route(method: request.method, path: request.path)
    var url = baseURL.text + request.path
    for (index, item) in request.query.enumerated() {
      url += index == 0 ? "?" : "&"
      url += PercentEncoding.query(item.0) + "=" + PercentEncoding.query(item.1)
    }
    var headers = HTTPHeaders()
    headers.add("Authorization", token.authorization)
    headers.add("User-Agent", configuration.userAgent)
    headers.add("Accept", "application/json")
    if request.body != nil { headers.add("Content-Type", "application/json") }
    if let reason = request.auditLogReason, !reason.isEmpty, !route.isRead {
      headers.add("X-Audit-Log-Reason", PercentEncoding.auditLogReason(reason))
    }
    // POST, PUT and PATCH without a body still say that its length is 0.
    let body = request.body ?? (route.isRead || request.method == "DELETE" ? nil : [])
    http = HTTPRequest(
      method: request.method, url: url, headers: headers, body: body,
      timeout: configuration.timeout, connectTimeout: configuration.connectTimeout)
    ask = RateLimiter.Ask(
      id: id, route: route, guild: request.guildID ?? Self.guild(of: request.path) ?? "",
      priority: request.priority, fields: Self.fields(request, route))
  }

  private static let methods: Set<String> = ["GET", "POST", "PUT", "PATCH", "DELETE"]

  /// A path can come from a script: it must not reach another host, API or query.
  private static func isPath(_ path: String) -> Bool {
    guard path.first == "/", path.utf8.count > 1, path.utf8.count < 1_024 else { return false }
    let segments = path.utf8.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return segments.allSatisfy { segment in
      guard !segment.isEmpty, !segment.allSatisfy({ $0 == UInt8(ascii: ".") }) else { return false }
      return segment.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
          UInt8(ascii: "@"), UInt8(ascii: ":"):
          true
        default: false
        }
      }
    }
  }

  private static func guild(of path: String) -> String? {
    let segments = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2)
    guard segments.count >= 2, segments[0].elementsEqual("guilds".utf8),
      Snowflake(digits: segments[1]) != nil
    else { return nil }
    return String(Substring(segments[1]))
  }

  /// The hidden limits hold a channel's name and topic apart from its other fields.
  private static func fields(_ request: DiscordRequest, _ route: Route) -> FieldGroups {
    guard route.template == "PATCH /channels/{id}", let body = request.body,
      let members = JSONSlices.members(of: body)
    else { return .other }
    var fields = FieldGroups()
    for member in members {
      let key = body[member.key]
      if key.elementsEqual("name".utf8) {
        fields.insert(.name)
      } else if key.elementsEqual("topic".utf8) {
        fields.insert(.topic)
      } else {
        fields.insert(.other)
      }
    }
    return fields.isEmpty ? .other : fields
  }
}
