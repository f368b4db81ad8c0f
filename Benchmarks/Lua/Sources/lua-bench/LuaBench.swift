import Foundation

/// lua-bench SCRIPTS [observe|json|hostile|latency|soak|profile [NUMBER]]...
@main
struct LuaBench {
  static func main() async {
    var words = CommandLine.arguments.dropFirst()
    guard let scripts = words.popFirst() else {
      print("usage: lua-bench SCRIPTS [observe|json|hostile|latency|soak [NUMBER]]...")
      exit(2)
    }
    if words.isEmpty { words = ["observe", "json", "latency", "hostile", "soak"] }
    do {
      while let word = words.popFirst() {
        var number: Int?
        if let next = words.first, let value = Int(next) {
          number = value
          words.removeFirst()
        }
        try await run(word, number, scripts)
      }
    } catch {
      print("failed: \(error)")
      exit(1)
    }
  }

  private static func run(_ name: String, _ number: Int?, _ scripts: String) async throws {
    switch name {
    case "observe": try ObserveBenchmark(scripts: scripts, rounds: number ?? 30).run()
    case "json": try ThroughputBenchmark(rounds: number ?? 15).run()
    case "hostile": try HostileBenchmark(shown: number ?? 12).run()
    case "latency": try await LatencyBenchmark(scripts: scripts, samples: number ?? 1_000).run()
    case "soak": try SoakBenchmark(scripts: scripts, runs: number ?? 1_000_000).run()
    default: throw BenchmarkError("there is no benchmark '\(name)'")
    }
  }
}
