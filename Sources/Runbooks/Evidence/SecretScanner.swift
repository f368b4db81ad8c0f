import KubeWatch

/// Finds what looks like a secret, in texts that leave the machine.
package enum SecretScanner {
  /// What was found.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case botToken = "a Discord token"
    case webhook = "a Discord webhook's URL"
    case jsonWebToken = "a JSON web token"
    case privateKey = "a private key"
    case authorization = "an Authorization header"
  }

  /// What replaces a secret.
  package static let mark = "[redacted]"

  /// The kinds of secrets in a text, in the order of their first appearance.
  package static func findings(in text: String) -> [Kind] {
    var kinds: [Kind] = []
    for (kind, _) in ranges(in: text) where !kinds.contains(kind) { kinds.append(kind) }
    return kinds
  }

  /// The text with each secret replaced.
  package static func redacted(_ text: String) -> String {
    var result = ""
    var end = text.startIndex
    for (_, range) in ranges(in: text) where range.lowerBound >= end {
      result += text[end..<range.lowerBound] + mark
      end = range.upperBound
    }
    return end == text.startIndex ? text : result + text[end...]
  }

  private static func ranges(in text: String) -> [(Kind, Range<String.Index>)] {
    var found: [(Kind, Range<String.Index>)] = []
    found += keys(in: text)
    var start = text.startIndex
    var previous = ""
    func close(at end: String.Index) {
      guard start < end else { return }
      let range = start..<end
      if let kind = kind(of: text[range], after: previous) { found.append((kind, range)) }
      previous = text[range].lowercased()
    }
    var index = text.startIndex
    while index < text.endIndex {
      if !isWordByte(text.utf8[index]) {
        close(at: index)
        start = text.utf8.index(after: index)
      }
      index = text.utf8.index(after: index)
    }
    close(at: text.endIndex)
    return found.sorted { $0.1.lowerBound < $1.1.lowerBound }
  }

  /// Letters, digits, `-`, `_`, `.`, `/`, `:`, `+`, `=`: what tokens and URLs consist of.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 43, 45, 46, 47, 58, 61, 95: true
    default: false
    }
  }

  private static func kind(of word: Substring, after previous: String) -> Kind? {
    guard word.utf8.count >= 24 else { return nil }
    // As a Secret's `data` has it.
    if word.utf8.count >= 72, let bytes = Base64.decode(String(word)),
      let inner = kind(of: Substring(String(decoding: bytes, as: UTF8.self)), after: "")
    {
      return inner
    }
    if word.contains("/webhooks/"), hasWebhookPath(word) { return .webhook }
    if (previous == "bot" || previous == "bearer"), !word.contains("/") { return .authorization }
    let parts = word.split(omittingEmptySubsequences: false) {
      $0 == "." || $0 == "/" || $0 == ":" || $0 == "="
    }
    .map { (text: $0, isBase64URL: $0.utf8.allSatisfy(isBase64URL)) }
    for position in parts.indices.dropLast(2) {
      let three = parts[position...position + 2]
      guard three.allSatisfy(\.isBase64URL) else { continue }
      let counts = three.map(\.text.utf8.count)
      if counts[0] >= 18, (6...8).contains(counts[1]), counts[2] >= 27 { return .botToken }
      if three.first?.text.hasPrefix("eyJ") == true, counts[0] >= 16, counts[1] >= 16,
        counts[2] >= 16
      {
        return .jsonWebToken
      }
    }
    return nil
  }

  /// `…/webhooks/ID/TOKEN`
  private static func hasWebhookPath(_ word: Substring) -> Bool {
    let parts = word.split(separator: "/")
    guard let position = parts.firstIndex(of: "webhooks"), position + 2 < parts.count else {
      return false
    }
    return parts[position + 1].allSatisfy(\.isNumber) && parts[position + 2].utf8.count >= 40
  }

  private static func isBase64URL(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 95: true
    default: false
    }
  }

  /// PEM blocks of private keys, to their end or, without one, to the end of the text.
  private static func keys(in text: String) -> [(Kind, Range<String.Index>)] {
    var found: [(Kind, Range<String.Index>)] = []
    var rest = text[...]
    while let begin = rest.firstRange(of: "PRIVATE KEY-----") {
      let tail = rest[begin.upperBound...]
      let end = tail.firstRange(of: "PRIVATE KEY-----")?.upperBound ?? tail.endIndex
      found.append((.privateKey, begin.lowerBound..<end))
      rest = rest[end...]
    }
    return found
  }
}
