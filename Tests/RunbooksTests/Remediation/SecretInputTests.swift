import JSONValue
import Testing

@testable import Runbooks

@Suite struct SecretInputTests {
  private static let text = "s3cret-token"

  @Test func itGoesToItsPlaceAndNowhereElse() throws {
    let secret = try SecretInput("  \(Self.text)\n")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
      #expect(!text.contains(Self.text))
    }
    let body: JSONValue = [
      "stringData": ["token": SecretPlaceholder.value("token")],
      "data": ["token": SecretPlaceholder.value("token"), "other": SecretPlaceholder.value("x")],
    ]
    let filled = secret.filling("token", in: body)
    #expect(filled.value(at: "stringData", "token") == .string(Self.text))
    #expect(filled.value(at: "data", "token") == "czNjcmV0LXRva2Vu")
    #expect(filled.value(at: "data", "other") == SecretPlaceholder.value("x"))
    #expect(body.placeholders == ["token", "x"])
  }

  @Test func anEchoIsScrubbed() throws {
    let secret = try SecretInput(Self.text)
    #expect(secret.scrubbing("got \(Self.text)!") == "got [redacted]!")
    #expect(secret.scrubbing("got czNjcmV0LXRva2Vu!") == "got [redacted]!")
    #expect(secret.scrubbing("got nothing") == "got nothing")
  }

  @Test(arguments: ["", " \n", "two words", "tökén", String(repeating: "a", count: 4_097)])
  func whatIsNoTokenIsRefused(text: String) {
    let error = #expect(throws: RemediationError.self) { try SecretInput(text) }
    #expect(error?.message.contains("nothing was changed") == true)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64IsThatOfTheRFC(text: String, encoded: String) {
    #expect(Base64Encoding.encode(Array(text.utf8)) == encoded)
  }
}
