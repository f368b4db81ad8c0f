package import HTTPTransport

/// A bot's token. It shows itself to nothing but the Authorization header: printing, interpolating,
/// dumping and reflecting give a placeholder.
package struct DiscordToken: Sendable {
  private let secret: String

  /// The token in the text of a Secret: surrounding white space and a pasted `Bot ` are dropped.
  /// Throws when nothing is left or when it could not stand in a header.
  package init(_ text: String) throws(DiscordConfigurationError) {
    var bytes = Array(text.utf8)[...]
    func trim() {
      while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
      while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    }
    trim()
    if bytes.starts(with: Array("Bot".utf8)), bytes.dropFirst(3).first ?? 0x20 <= 0x20 {
      bytes.removeFirst(3)
      trim()
    }
    guard !bytes.isEmpty else {
      throw DiscordConfigurationError(message: "the Discord token is empty")
    }
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw DiscordConfigurationError(
        message: "the Discord token has characters that no token has (white space or not ASCII)")
    }
    secret = String(decoding: bytes, as: UTF8.self)
  }

  /// The value of the Authorization header: the only way out.
  var authorization: String { "Bot " + secret }

  /// Puts the token where Discord wants it.
  package func authorize(_ request: inout HTTPRequest) {
    request.headers.add("Authorization", authorization)
  }

  /// The text without the token, should a server have echoed it.
  func scrubbing(_ text: String) -> String {
    guard text.utf8.count >= secret.utf8.count, let range = text.firstRange(of: secret) else {
      return text
    }
    return text[..<range.lowerBound] + "[redacted]"
      + scrubbing(String(text[range.upperBound...]))
  }
}

extension DiscordToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// A setting that cannot work, found before anything is sent.
package struct DiscordConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and what would be right; never a token.
  package var message: String

  package var description: String { message }
}
