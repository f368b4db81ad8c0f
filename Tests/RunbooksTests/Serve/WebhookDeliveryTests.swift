import Testing

@testable import Runbooks

@Suite struct WebhookDeliveryTests {
  @Test func limitsAreObeyedAndTriesEnd() {
    var delivery = WebhookDelivery()
    #expect(
      delivery.handle(.answered(status: 429, retryAfter: 2.5)) == .tryAgain(after: .seconds(2.5)))
    #expect(
      delivery.handle(.answered(status: 502, retryAfter: nil)) == .tryAgain(after: .seconds(1)))
    #expect(delivery.handle(.noAnswer("timedOut")) == .tryAgain(after: .seconds(2)))
    #expect(delivery.handle(.noAnswer("timedOut")) == .giveUp("timedOut, after 4 tries"))
  }

  @Test func whatCannotWorkIsNotTriedAgain() {
    var gone = WebhookDelivery()
    #expect(
      gone.handle(.answered(status: 404, retryAfter: nil))
        == .giveUp("Discord answered with status 404: the webhook does not exist any more"))
    var limited = WebhookDelivery()
    guard case .giveUp = limited.handle(.answered(status: 429, retryAfter: 900)) else {
      Issue.record("it waits a quarter of an hour with a run in its hands")
      return
    }
    var done = WebhookDelivery()
    #expect(done.handle(.answered(status: 204, retryAfter: nil)) == .delivered)
  }

  @Test(arguments: [
    ("https://discord.com/api/webhooks/1/abc\n", true),
    ("http://127.0.0.1:9/api/webhooks/1/abc", true),
    ("http://discord.com/api/webhooks/1/abc", false),
    ("https://discord.com.example.org/api/webhooks/1/abc", false),
    ("https://discord.com@example.org/api/webhooks/1/abc", false),
    ("https://discord.com:444/api/webhooks/1/abc", false),
    ("https://discord.com/api/channels/1/messages", false), ("", false),
  ])
  func onlyAWebhookOfDiscordIsOne(text: String, isOne: Bool) {
    let address = try? WebhookAddress(text)
    #expect((address != nil) == isOne)
    if let address { #expect("\(address)" == "[redacted]") }
  }

  @Test func equalIsEqualWhateverTheTime() {
    #expect(ConstantTime.equal(Array("abc".utf8), Array("abc".utf8)))
    for wrong in ["", "ab", "abd", "abca", "abcabc", "xbc"] {
      #expect(!ConstantTime.equal(Array(wrong.utf8), Array("abc".utf8)))
    }
    #expect(!ConstantTime.equal([0], []))
  }
}
