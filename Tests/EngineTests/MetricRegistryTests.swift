import Engine
import Testing

@Suite struct MetricRegistryTests {
  @Test func theTextFormat() {
    let registry = MetricRegistry()
    let counter = MetricFamily(.counter, "b_total", help: "Counts.", labels: ["kind"])
    let histogram = MetricFamily(.histogram, "a_seconds", help: "Times.", buckets: [0.1, 1])
    registry.add(counter, ["x\"\\\n"], 2)
    registry.add(counter, ["x\"\\\n"])
    registry.observe(histogram, [], 0.05)
    registry.observe(histogram, [], 5)
    #expect(
      registry.render() == """
        # HELP a_seconds Times.
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.1"} 1
        a_seconds_bucket{le="1"} 1
        a_seconds_bucket{le="+Inf"} 2
        a_seconds_sum 5.05
        a_seconds_count 2
        # HELP b_total Counts.
        # TYPE b_total counter
        b_total{kind="x\\"\\\\\\n"} 3

        """)
  }

  @Test func collectorsRunBeforeEachScrape() {
    let registry = MetricRegistry()
    let gauge = MetricFamily(.gauge, "g", help: "A gauge.")
    registry.collect { $0.set(gauge, to: 7) }
    #expect(registry.render().contains("\ng 7\n"))
  }

  @Test func aClearedGaugeReportsNothing() {
    let registry = MetricRegistry()
    let gauge = MetricFamily(.gauge, "g", help: "A gauge.", labels: ["a"])
    registry.set(gauge, ["1"], to: 1)
    registry.clear(gauge)
    #expect(!registry.render().contains("a=\"1\""))
  }
}
