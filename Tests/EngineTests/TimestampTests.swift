import Engine
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-23T14:45:00Z", 1_795_445_100_000),
    ("2024-02-29T23:59:59.5Z", 1_709_251_199_500), ("2026-11-23T15:45:00+01:00", 1_795_445_100_000),
    ("2026-11-23T14:45:00.123456Z", 1_795_445_100_123),
  ])
  func readsWhatKubernetesWrites(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp(text)?.millisecondsSince1970 == milliseconds)
  }

  @Test(arguments: ["", "yesterday", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T14:45:00"])
  func refusesWhatIsNoTime(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func everyDayOfFourCenturiesSurvivesARoundTrip() {
    for day in stride(from: Int64(-30_000), to: 120_000, by: 7) {
      let time = Timestamp(millisecondsSince1970: day * 86_400_000 + 12_345_678)
      #expect(Timestamp(time.milliseconds) == time)
    }
  }

  @Test(arguments: [("1m30s", 90.0), ("500ms", 0.5), ("2h", 7200), ("1.5s", 1.5)])
  func goDurations(_ text: String, _ seconds: Double) {
    #expect(GoDuration.parse(text)?.inSeconds == seconds)
  }

  @Test(arguments: ["", "5", "m", "1x", "-3s"])
  func whatIsNoGoDuration(_ text: String) {
    #expect(GoDuration.parse(text) == nil)
  }
}
