import Testing

@testable import Sandbox

@Suite struct HumanDurationTests {
  @Test(arguments: [
    (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_799, "179m"),
    (10_800, "3h"), (11_100, "3h5m"), (28_800, "8h"), (172_800, "2d"), (190_800, "2d5h"),
    (691_200, "8d"), (63_072_000, "2y"), (63_158_400, "2y1d"), (-5, "<invalid>"),
  ])
  func agesReadAsInKubectl(seconds: Int, text: String) {
    #expect(HumanDuration.text(seconds: Int64(seconds)) == text)
  }

  @Test func timesSurviveTextAndBack() {
    for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-12-31T00:00:01Z"] {
      #expect(KubeTime(parsing: text)?.text == text)
    }
    #expect(
      KubeTime(parsing: "2024-01-01T01:00:00.25+01:00")?.microText == "2024-01-01T00:00:00.250000Z")
    #expect(KubeTime(parsing: "yesterday") == nil)
  }
}
