/// The URL of a Discord webhook. Whoever knows it can write into the channel, so that it shows itself
/// to nothing but the request.
package struct WebhookAddress: Sendable {
  /// For the request alone.
  let url: String

  /// - Parameter text: as the file has it.
  /// - Throws: without the URL in the message.
  package init(_ text: String) throws(RemediationError) {
    let trimmed = text.split(whereSeparator: \.isWhitespace).joined()
    guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let separator = trimmed.firstRange(of: "://")
    else { throw RemediationError("the Discord webhook's file holds no URL") }
    let scheme = trimmed[..<separator.lowerBound]
    let rest = trimmed[separator.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    let host = String(authority.prefix { $0 != ":" })
    let isDiscord =
      ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"].contains(host)
      && authority == host && scheme == "https"
    let isLoopback =
      (host == "127.0.0.1" || host == "localhost") && ["http", "https"].contains(scheme)
    guard isDiscord || isLoopback else {
      throw RemediationError(
        "the Discord webhook's URL must be https://discord.com/api/webhooks/… (http only on this machine)"
      )
    }
    guard
      rest.dropFirst(authority.count).hasPrefix("/api/webhooks/")
        || rest.dropFirst(authority.count).hasPrefix("/api/v10/webhooks/")
    else {
      throw RemediationError("the Discord webhook's URL has another path than /api/webhooks/…")
    }
    url = trimmed
  }
}

extension WebhookAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
