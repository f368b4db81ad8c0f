import BareHost
import HTTPTransport
import LuaBridge

/// The delay of ordinary runs, alone and beside a script that burns its whole budget again and again:
/// on the thread that carries HTTP, as the provider runs them, and on Swift's pool.
struct LatencyBenchmark {
  let scripts: String
  let samples: Int

  /// By how many milliseconds the 99th percentile may grow.
  private static let target = 20.0

  private static let hogs: [(name: String, body: String)] =
    [("nobody", "")]
    + [
      "an endless loop", "comparisons of a million zeros", "backtracking in a pcall loop",
      "a life at the memory limit", "pcall loops in a gsub callback",
      "effects between the time slices", "a first key behind many that are gone",
      "digits of large numbers",
    ].map { name in (name, hostileScripts.first { $0.name == name }?.body ?? "error(1)") }

  func run() async throws {
    let sources = try Fixture.sources(scripts)
    let port = unsafe Fixture.answer.withUnsafeBufferPointer { answer in
      unsafe answer.baseAddress.map { unsafe answers_start($0, answer.count) } ?? 0
    }
    let loop = CurlLoop()
    let transport = CurlTransport(on: loop)
    let request = HTTPRequest(method: "GET", url: "http://127.0.0.1:\(port)/")
    print("\ndelay of an observe of channel.lua, milliseconds by the clock, \(samples) samples")
    print("one at a time; beside it a script that burns its budget again and again")
    print("\non the thread that carries HTTP; the effect is an exchange on it\n")
    try await table(sources, on: loop, giveWay: { await loop.giveWay() }) {
      try await transport.send(request).body
    }
    print("\non Swift's pool, one script for each of two threads; the effect is answered at once\n")
    try await table(sources, on: globalConcurrentExecutor, hogs: 2, giveWay: { await Task.yield() })
    {
      Fixture.answer
    }
    await loop.shutDown()
  }

  private func table(
    _ sources: [ScriptSource], on executor: any TaskExecutor, hogs: Int = 1,
    giveWay: @escaping @Sendable () async -> Void,
    answer: @escaping @Sendable () async throws -> [UInt8]
  ) async throws {
    print("\("beside".padded(38))       p50       p90       p99       max   p99 grown by")
    let runner = ScriptRunner(giveWay: giveWay)
    var alone = 0.0
    var worst = 0.0
    for hog in Self.hogs {
      let rule = source("resources.hog", "return { run = function() \(hog.body) end }")
      let host = source("lib.host", "local perform = ... return { perform = perform }")
      let bundle = try ScriptBundle(sources: sources + [rule, host])
      let burning = (0..<(hog.body.isEmpty ? 0 : hogs)).map { _ in
        Task(executorPreference: executor) { await burn(bundle, runner) }
      }
      let delays = try await Task(executorPreference: executor) {
        try await measure(bundle, runner, answer)
      }.value
      for task in burning { task.cancel() }
      for task in burning { await task.value }
      let p99 = percentile(99, of: delays)
      if hog.body.isEmpty { alone = p99 }
      worst = max(worst, p99 - alone)
      print(
        hog.name.padded(38) + percentile(50, of: delays).column(2)
          + percentile(90, of: delays).column(2) + p99.column(2)
          + (delays.max() ?? 0).column(2) + (p99 - alone).column(2, width: 13))
    }
    guard worst < Self.target else {
      throw BenchmarkError("other runs wait \(worst) ms longer; the target is \(Self.target)")
    }
  }

  private func measure(
    _ bundle: ScriptBundle, _ runner: ScriptRunner,
    _ answer: @escaping @Sendable () async throws -> [UInt8]
  ) async throws -> [Double] {
    var delays: [Double] = []
    for _ in 0..<samples {
      let began = clockMicroseconds()
      _ = try await runner.run(
        bundle, module: Fixture.module, function: "observe", arguments: [Fixture.context]
      ) { (_: [UInt8]) in try await answer() }
      delays.append((clockMicroseconds() - began) / 1e3)
      try await Task.sleep(for: .milliseconds(1))
    }
    return delays
  }

  private func burn(_ bundle: ScriptBundle, _ runner: ScriptRunner) async {
    while !Task.isCancelled {
      _ = try? await runner.run(
        bundle, module: "resources.hog", function: "run", arguments: []
      ) { (effect: [UInt8]) in effect }
      // As the provider does after a failure, only much sooner.
      await Task.yield()
    }
  }
}
