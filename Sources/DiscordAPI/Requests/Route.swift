/// Where a request goes, as Discord's limits see it: the method, the path with its IDs generalised,
/// and the major parameter that gives each guild, channel or webhook a bucket of its own
/// (https://discord.com/developers/docs/topics/rate-limits).
package struct Route: Sendable, Hashable {
  /// The method and the generalised path, such as `PATCH /channels/{id}`. Bounded: safe as a label.
  package let template: String
  /// `guilds/1`, `channels/2`, `webhooks/3/…`, or empty where no major parameter counts.
  package let major: String
  /// Whether the method changes nothing.
  package let isRead: Bool

  /// The route of a path below the API's base, without query, such as `/guilds/1/channels`.
  package init(method: String, path: String) {
    let segments = path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
    var template = method + " /"
    for (position, segment) in segments.enumerated() {
      if position > 0 { template += "/" }
      if Snowflake(segment) != nil {
        template += "{id}"
      } else if position == 2, segments[0] == "webhooks" {
        template += "{token}"
      } else if position == 1, segments[0] == "invites" {
        template += "{code}"
      } else {
        template += segment
      }
    }
    self.template = template
    isRead = method == "GET" || method == "HEAD"
    major = Self.major(of: segments, template: template)
  }

  /// The list of a guild's channels is one bucket for all guilds of a token, seen by eris (issue
  /// 1287) and nirn-proxy, though the documentation promises one for each.
  private static let shared: Set<String> = ["GET /guilds/{id}/channels"]

  private static func major(of segments: [Substring], template: String) -> String {
    guard segments.count >= 2, Snowflake(segments[1]) != nil, !shared.contains(template) else {
      return ""
    }
    switch segments[0] {
    case "guilds", "channels":
      return "\(segments[0])/\(segments[1])"
    case "webhooks":
      // A webhook's token is a secret, and the major parameter is shown in state dumps.
      guard segments.count >= 3 else { return "webhooks/\(segments[1])" }
      var hasher = Hasher()
      hasher.combine(segments[2])
      return "webhooks/\(segments[1])/#\(UInt(bitPattern: hasher.finalize()))"
    default:
      return ""
    }
  }
}
