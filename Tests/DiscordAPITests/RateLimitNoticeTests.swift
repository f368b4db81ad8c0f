import DiscordAPI
import Testing

private func notice(
  _ headers: [String: String], wait: Duration? = .seconds(1), isGlobal: Bool = false,
  json: Bool = true
) -> RateLimitNotice {
  RateLimitNotice(
    field: { headers[$0] },
    body: json ? .init(retryAfter: wait, isGlobal: isGlobal) : nil)
}

@Test func limitsAreClassifiedByWhatTheAnswerShows() {
  #expect(notice(["Via": "x", "X-RateLimit-Scope": "user"]).scope == .user)
  #expect(notice(["Via": "x", "X-RateLimit-Scope": "shared"]).scope == .shared)
  #expect(notice(["Via": "x", "X-RateLimit-Scope": "global"]).scope == .global)
  #expect(notice(["Via": "x", "X-RateLimit-Global": "true"]).scope == .global)
  #expect(notice(["Via": "x"], isGlobal: true).scope == .global)
  #expect(
    notice(["Via": "x", "X-RateLimit-Scope": "user", "X-RateLimit-Remaining": "4"]).scope
      == .sublimit)
  #expect(notice([:], json: false).scope == .cloudflare)
  #expect(notice(["Via": "x"], json: false).scope == .user)
}

@Test func waitIsTheLargerOfBodyAndHeader() {
  #expect(notice(["Retry-After": "3"], wait: .milliseconds(582_300)).wait == .milliseconds(582_300))
  #expect(notice(["Retry-After": "65"], wait: .seconds(1)).wait == .seconds(65))
  #expect(notice(["Retry-After": "5"], wait: .milliseconds(4_251)).wait == .milliseconds(4_251))
  #expect(notice(["Retry-After": "soon"], wait: nil).wait == nil)
  #expect(notice(["Retry-After": "7"], json: false).wait == .seconds(7))
}

@Test func resetAfterGoesBeforeResetAndSkewDoesNotCount() {
  let fields = [
    "X-RateLimit-Reset-After": "1.5", "X-RateLimit-Reset": "784111790",
    "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
  ]
  #expect(RateLimitHeaders { fields[$0] }.resetAfter == .milliseconds(1_500))
  // 784111777 is the answer's own date; this machine lives decades later.
  let old = fields.filter { $0.key != "X-RateLimit-Reset-After" }
  #expect(RateLimitHeaders { old[$0] }.resetAfter == .seconds(13))
  #expect(RateLimitHeaders { ["X-RateLimit-Reset": "784111790"][$0] }.resetAfter == nil)
}

@Test func absurdHeadersAreBoundedOrIgnored() {
  func after(_ text: String) -> Duration? {
    RateLimitHeaders { ["X-RateLimit-Reset-After": text][$0] }.resetAfter
  }
  #expect(after("nan") == nil)
  #expect(after("x") == nil)
  #expect(after("-5") == .zero)
  #expect(after("1e300") == .seconds(172_800))
  #expect(after("inf") == .seconds(172_800))
  let zero = RateLimitHeaders {
    ["X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "-3"][$0]
  }
  #expect(zero.limit == 1)
  #expect(zero.remaining == 0)
}
