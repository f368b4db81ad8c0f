/// The parts of a URL that say where a request goes.
struct CurlTarget {
  let isSecure: Bool
  /// Host and, if given, port, as in the URL.
  let authority: String
  /// The host; an IPv6 address in its brackets.
  let host: String
  let port: String
  private let rest: Substring

  /// Nil unless the URL is absolute, of http or https, with a host and no user.
  init?(url: String) {
    if url.hasPrefix("https://") {
      isSecure = true
    } else if url.hasPrefix("http://") {
      isSecure = false
    } else {
      return nil
    }
    let afterScheme = url.utf8.dropFirst(isSecure ? 8 : 7)
    let end =
      afterScheme.firstIndex { $0 == 47 || $0 == 63 || $0 == 35 } ?? afterScheme.endIndex
    let authority = url[afterScheme.startIndex..<end]
    guard !authority.isEmpty, !authority.utf8.contains(64),
      !url.utf8.contains(where: { $0 <= 32 || $0 == 127 })
    else { return nil }
    rest = url[end...]
    self.authority = String(authority)
    let afterBracket = authority.utf8.lastIndex(of: 93) ?? authority.startIndex
    if let colon = authority.utf8[afterBracket...].lastIndex(of: 58) {
      host = String(authority[..<colon])
      port = String(authority[authority.utf8.index(after: colon)...])
    } else {
      host = self.authority
      port = isSecure ? "443" : "80"
    }
  }

  /// The same resource under another host name.
  func url(servedAs name: String) -> String {
    "\(isSecure ? "https" : "http")://\(name):\(port)\(rest)"
  }
}
