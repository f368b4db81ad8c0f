import LuaBridge

/// The delay of ordinary runs, alone and beside scripts that burn their whole budget.
struct LatencyBenchmark {
  let scripts: String
  let samples: Int

  /// By how many milliseconds the 99th percentile may grow.
  private static let target = 20.0

  private static let hogs: [(name: String, body: String)] = [
    ("nobody", ""),
    ("an endless loop", "while true do end"),
    ("heavy instructions", "local a = ('x'):rep(999999) while a .. 'y' < a .. 'z' do end"),
    ("backtracking", "while true do pcall(string.find, ('a'):rep(40), ('a*'):rep(20)..'b') end"),
    (
      "full collections",
      memoryScripts.first { $0.name == "a life at the memory limit" }?.body ?? ""
    ),
    (
      "callbacks",
      "while true do pcall(string.gsub, 'xyz', '.', function() while true do end end) end"
    ),
  ]

  func run() async throws {
    let sources = try Fixture.sources(scripts)
    print("\ndelay of an observe of channel.lua, milliseconds by the clock, \(samples) samples")
    print("one at a time; beside it, one after the other, scripts that burn their budget\n")
    print("\("beside".padded(24))       p50       p90       p99       max   p99 grown by")
    var alone = 0.0
    var worst = 0.0
    for hog in Self.hogs {
      let rule = source("resources.hog", "return { run = function() \(hog.body) end }")
      let bundle = try ScriptBundle(sources: sources + [rule])
      let burning = hog.body.isEmpty ? nil : Task { await burn(bundle) }
      var delays: [Double] = []
      for _ in 0..<samples {
        let began = clockMicroseconds()
        _ = try await ScriptRunner().run(
          bundle, module: Fixture.module, function: "observe", arguments: [Fixture.context]
        ) { (_: [UInt8]) in Fixture.answer }
        delays.append((clockMicroseconds() - began) / 1e3)
        try await Task.sleep(for: .milliseconds(1))
      }
      burning?.cancel()
      await burning?.value
      let p99 = percentile(99, of: delays)
      if hog.body.isEmpty { alone = p99 }
      worst = max(worst, p99 - alone)
      print(
        hog.name.padded(24) + percentile(50, of: delays).column(2)
          + percentile(90, of: delays).column(2) + p99.column(2)
          + (delays.max() ?? 0).column(2) + (p99 - alone).column(2, width: 13))
    }
    guard worst < Self.target else {
      throw BenchmarkError("other runs wait \(worst) ms longer; the target is \(Self.target)")
    }
  }

  /// As many scripts at once as there are threads, so that a run always has to wait for one.
  private func burn(_ bundle: ScriptBundle) async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          while !Task.isCancelled {
            _ = try? await ScriptRunner().run(
              bundle, module: "resources.hog", function: "run", arguments: []
            ) { (effect: [UInt8]) in effect }
          }
        }
      }
    }
  }
}
