import Testing

@testable import Runbooks

@Suite struct SecretScannerTests {
  private static let encodedToken = Base64Encoding.encode(Array(ReportTextTests.token.utf8))
  private static let webhook =
    "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"

  @Test(arguments: [
    ("x \(ReportTextTests.token) y", [SecretScanner.Kind.botToken], "x [redacted] y"),
    ("token=\(ReportTextTests.token)", [.botToken], "[redacted]"),
    ("see \(webhook) now", [.webhook], "see [redacted] now"),
    (
      "Authorization: Bearer abcdefghijklmnopqrstuvwx-0123", [.authorization],
      "Authorization: Bearer [redacted]"
    ),
    (
      "jwt eyJhbGciOiJSUzI1NiIsImtpZCI6.eyJpc3MiOiJrdWJlcm5ldGVz.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
      [.jsonWebToken], "jwt [redacted]"
    ),
    (
      "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nz", [.privateKey],
      "-----BEGIN [redacted]\nz"
    ),
    ("a Base64 \(encodedToken) z", [.botToken], "a Base64 [redacted] z"),
  ])
  func findsAndRedacts(text: String, kinds: [SecretScanner.Kind], clean: String) {
    #expect(SecretScanner.findings(in: text) == kinds)
    #expect(SecretScanner.redacted(text) == clean)
  }

  @Test(arguments: [
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ghcr.io/rossigee/provider-discord:v0.2.0", "2026-01-01T00:00:00.123456Z",
    "provider-discord-5d8c7b9f6d-x2x7k.17d8f1e2a3b4c5d6 in crossplane-system",
    "kubernetes.io/apis/guild.discord.crossplane.io/v1alpha1/namespaces/default/guilds",
    "the bot lacks permissions", "bot 123456789012345678", "",
  ])
  func leavesOrdinaryTextAlone(text: String) {
    #expect(SecretScanner.findings(in: text) == [])
    #expect(SecretScanner.redacted(text) == text)
  }
}
