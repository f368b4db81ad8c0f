import LuaBridge

/// JSON bytes to tables and back, in megabytes a second of processor time.
struct ThroughputBenchmark {
  let rounds: Int

  func run() throws {
    let bundle = try ScriptBundle(sources: [
      source(
        "resources.rule",
        "return { nothing = function() end, echo = function(value) return value end }")
    ])
    var limits = ScriptLimits()
    limits.memory = 256 << 20
    limits.resultBytes = 64 << 20
    limits.instructions = 1_000_000_000
    print("\nJSON of Kubernetes objects, megabytes a second of processor time, target 100\n")
    print("\("bytes".padded(12))     to Lua      to JSON")
    for size in [1_200, 64 << 10, 1 << 20, 2_400_000] {
      let list = Fixture.list(bytes: size)
      let times = try medians(
        rounds: rounds, calls: max(1, (2 << 20) / list.count / 4),
        [
          { try drive(bundle, module: "resources.rule", function: "nothing") },
          {
            try drive(
              bundle, module: "resources.rule", function: "nothing", arguments: [list],
              limits: limits)
          },
          {
            try drive(
              bundle, module: "resources.rule", function: "echo", arguments: [list],
              limits: limits)
          },
        ])
      let megabytes = Double(list.count)
      let (read, written) = (megabytes / (times[1] - times[0]), megabytes / (times[2] - times[1]))
      print(
        "\(String(list.count).padded(12))"
          + read.column(0, width: 11) + written.column(0, width: 13))
      guard read >= 100, written >= 100 else {
        throw BenchmarkError("less than 100 megabytes a second")
      }
    }
  }
}
