/// Where the API is. A token travels there, so plain HTTP is refused but to this machine itself.
package struct DiscordBaseURL: Sendable, Hashable {
  /// The URL without a slash at its end; a request's path is appended as it is.
  package let text: String
  /// The host in lower case, without port and brackets.
  package let host: String
  /// Whether the host is this machine: 127/8, ::1 or localhost.
  package let isLoopback: Bool

  /// Discord itself.
  package static let discord = DiscordBaseURL(
    text: "https://discord.com/api/v10", host: "discord.com", isLoopback: false)

  private init(text: String, host: String, isLoopback: Bool) {
    self.text = text
    self.host = host
    self.isLoopback = isLoopback
  }

  /// A validated URL: `https`, or `http` to a loopback host, with no user, query or fragment.
  package init(_ text: String) throws(DiscordConfigurationError) {
    func refuse(_ reason: String) -> DiscordConfigurationError {
      DiscordConfigurationError(message: "the Discord base URL \(reason)")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) else {
      throw refuse("has white space or characters that no URL has")
    }
    guard let separator = text.firstRange(of: "://") else {
      throw refuse("must begin with https:// (or http:// for a loopback host)")
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    let rest = text[separator.upperBound...]
    guard scheme == "https" || scheme == "http" else {
      throw refuse("must be https, not \(scheme)")
    }
    guard !rest.contains("?"), !rest.contains("#") else {
      throw refuse("must have no query and no fragment")
    }
    let authority = rest.prefix { $0 != "/" }
    guard !authority.contains("@") else { throw refuse("must not contain a user or password") }
    let host = try Self.host(of: authority)
    let loopback = Self.isLoopback(host)
    guard scheme == "https" || loopback else {
      throw refuse(
        "is plain http to \(host): the token would be readable on the network. "
          + "Use https, or a loopback host (127.0.0.1, ::1, localhost)")
    }
    var path = rest.dropFirst(authority.count)
    while path.last == "/" { path.removeLast() }
    self.text = "\(scheme)://\(authority)\(path)"
    self.host = host
    isLoopback = loopback
  }

  private static func host(of authority: Substring) throws(DiscordConfigurationError) -> String {
    let host: Substring
    let port: Substring
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else {
        throw DiscordConfigurationError(message: "the Discord base URL has an unfinished [")
      }
      host = authority[authority.index(after: authority.startIndex)..<end]
      port = authority[authority.index(after: end)...]
    } else {
      host = authority.prefix { $0 != ":" }
      port = authority.dropFirst(host.count)
    }
    guard !host.isEmpty else {
      throw DiscordConfigurationError(message: "the Discord base URL has no host")
    }
    guard port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) else {
      throw DiscordConfigurationError(message: "the Discord base URL has no valid port")
    }
    return host.lowercased()
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" || host == "0:0:0:0:0:0:0:1" { return true }
    // Four decimal parts only: "127.0.0.1.example.com" is a name that anybody may own.
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
