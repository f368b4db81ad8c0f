import Runbooks
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("512Mi", 536_870_912.0), ("1Gi", 1_073_741_824), ("1G", 1e9), ("500m", 0.5), ("2", 2),
    ("1.5", 1.5), ("1e3", 1000), ("128974848", 128_974_848),
  ])
  func readsWhatKubernetesWrites(text: String, amount: Double) {
    #expect(Quantity.parse(text) == amount)
  }

  @Test(arguments: ["", "Mi", "1Mo", "one", "0x10", "nan", "inf"])
  func refusesWhatIsNone(text: String) {
    #expect(Quantity.parse(text) == nil)
  }
}
