import Engine
import Testing

@Suite struct UsagePaceTests {
  private let pace = UsagePace(first: .seconds(10))

  @Test func oneChangeIsCountedAfterAQuietMoment() {
    #expect(pace.rest(last: .seconds(10), now: .seconds(10)) == UsagePace.quiet)
    #expect(pace.rest(last: .seconds(10), now: .seconds(10) + UsagePace.quiet) == .zero)
  }

  @Test func eachFurtherChangeBeginsTheQuietMomentAnew() {
    let rest = pace.rest(last: .milliseconds(10_400), now: .milliseconds(10_500))
    #expect(rest == UsagePace.quiet - .milliseconds(100))
  }

  @Test func changesThatNeverCeaseDoNotHoldUpTheCount() {
    #expect(
      pace.rest(last: .milliseconds(11_900), now: .milliseconds(11_900)) == .milliseconds(100))
    #expect(pace.rest(last: .seconds(12), now: .seconds(12)) == .zero)
  }

  @Test func aSecondTryComesAtOnce() {
    #expect(pace.rest(last: .seconds(5), now: .seconds(10)) < .zero)
  }
}
