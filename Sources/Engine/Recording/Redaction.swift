package import JSONValue

/// Keeps what could be a secret out of recordings. Scripts never see the bot's token, but an answer
/// of Discord may have a webhook's, and people put things where they do not belong.
package enum Redaction {
  /// What stands in a secret's place.
  package static let mark = "[redacted]"

  private static let names: Set<String> = [
    "token", "password", "passwd", "secret", "client_secret", "clientsecret", "authorization",
    "api_key", "apikey", "access_token", "refresh_token", "private_key", "webhook_url",
    "kubectl.kubernetes.io/last-applied-configuration",
  ]

  /// The value with secrets replaced: members with a telling name, and texts that look like a
  /// token.
  package static func redacted(_ value: JSONValue) -> JSONValue {
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

  /// The text with each bot token in it, and the secret part of each webhook's address, replaced.
  package static func withoutTokens(_ text: String) -> String {
    var result = ""
    var word = ""
    func flush() {
      result += holdsToken(word) || isWebhookSecret(word, after: result) ? mark : word
      word = ""
    }
    for character in text {
      if isTokenCharacter(character) || character == "." {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  /// `https://discord.com/api/webhooks/ID/TOKEN`: who has the last part can post.
  private static func isWebhookSecret(_ word: String, after text: String) -> Bool {
    guard word.utf8.count >= 40, text.last == "/" else { return false }
    let parts = text.suffix(40).split(separator: "/")
    return parts.count >= 2 && parts[parts.count - 2] == "webhooks"
  }

  private static func isTokenCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
      || character == "-" || character == "_"
  }
}
