import Engine
package import JSONValue

/// Keeps secrets out of what scripts, reports and recordings see. Secrets are never asked for; but
/// people put tokens into environment variables, annotations and log lines.
package enum AnswerRedaction {
  private static let names: Set<String> = [
    "token", "password", "passwd", "client_secret", "clientsecret", "authorization", "api_key",
    "apikey", "access_token", "refresh_token", "private_key", "webhook_url",
  ]
  private static let appliedConfiguration = "kubectl.kubernetes.io/last-applied-configuration"

  /// The value without what looks like a secret.
  package static func redacted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      var result: [String: JSONValue] = [:]
      result.reserveCapacity(members.count)
      let isSecretVariable = members["value"] != nil && isSecretName(members["name"]?.stringValue)
      for (name, member) in members {
        if name == appliedConfiguration { continue }
        let isSecret =
          names.contains(name.lowercased()) || (isSecretVariable && name == "value")
        if isSecret, let text = member.stringValue, text.utf8.count >= 12 {
          result[name] = .string(Redaction.mark)
        } else {
          result[name] = redacted(member)
        }
      }
      return .object(result)
    case .array(let elements): return .array(elements.map(redacted))
    case .string(let text): return .string(redacted(text))
    default: return value
    }
  }

  /// The text, line by line, with what looks like a token replaced.
  package static func redacted(_ text: String) -> String {
    guard text.utf8.count >= 50 else { return text }
    guard text.utf8.contains(10) else { return line(text) }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line(String($0)) }.joined(separator: "\n")
  }

  private static func line(_ text: String) -> String {
    guard text.utf8.count >= 50 else { return text }
    return Redaction.withoutTokens(text)
  }

  private static func isSecretName(_ name: String?) -> Bool {
    guard let name = name?.uppercased() else { return false }
    return ["TOKEN", "PASSWORD", "SECRET", "API_KEY", "PRIVATE_KEY"].contains {
      name.hasSuffix($0)
    }
  }
}
