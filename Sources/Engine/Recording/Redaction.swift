import JSONValue

/// Keeps what could be a secret out of recordings. Scripts never see the bot's token, but an answer
/// of Discord may have a webhook's, and people put things where they do not belong.
enum Redaction {
  static let mark = "[redacted]"

  private static let names: Set<String> = [
    "token", "password", "passwd", "secret", "client_secret", "clientsecret", "authorization",
    "api_key", "apikey", "access_token", "refresh_token", "private_key", "webhook_url",
    "kubectl.kubernetes.io/last-applied-configuration",
  ]

  /// The value with secrets replaced: members with a telling name, and texts that look like a
  /// token.
  static func redacted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      var redactedMembers: [String: JSONValue] = [:]
      for (name, member) in members {
        let isSecret = names.contains(name.lowercased()) && !member.isNull
        redactedMembers[name] = isSecret ? .string(mark) : redacted(member)
      }
      return .object(redactedMembers)
    case .array(let elements): return .array(elements.map(redacted))
    case .string(let text) where holdsToken(text): return .string(mark)
    default: return value
    }
  }

  /// Whether a text has a bot token in it: three parts with dots between them, of 18 or more, 6 or
  /// more and 27 or more characters of base64url.
  private static func holdsToken(_ text: String) -> Bool {
    guard text.utf8.count >= 53 else { return false }
    let words = text.split { !isTokenCharacter($0) && $0 != "." }
    return words.contains { word in
      let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(\.count)
      return parts.indices.dropLast(2).contains {
        parts[$0] >= 18 && (6...8).contains(parts[$0 + 1]) && parts[$0 + 2] >= 27
      }
    }
  }

  private static func isTokenCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
      || character == "-" || character == "_"
  }
}
