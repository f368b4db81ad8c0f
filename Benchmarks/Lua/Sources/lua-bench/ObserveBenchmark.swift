import BareHost
import LuaBridge

/// One `observe` of channel.lua, start to finish, beside the same in a bare C host, and its parts.
struct ObserveBenchmark {
  let scripts: String
  let rounds: Int

  private static let probes = """
    return {
      nothing = function() end,
      echo = function(value) return value end,
      effect = function() require("lib.bench_probe").perform({ effect = "x" }) end,
    }
    """

  func run() throws {
    let sources = try Fixture.sources(scripts)
    let probes = [
      source("resources.probes", Self.probes),
      source("lib.bench_probe", "local perform = ... return { perform = perform }"),
      source("resources.loads", loading(try loaded(by: sources))),
    ]
    let bundle = try ScriptBundle(sources: sources + probes)
    guard let host = unsafe bare(sources) else {
      throw BenchmarkError("the bare host has no state")
    }
    defer { unsafe bare_host_free(host) }
    let context = Fixture.context
    let answer = Fixture.answer
    let expected = try drive(
      bundle, module: Fixture.module, function: "observe", arguments: [context], answer: answer)

    let times = try medians(
      rounds: rounds, calls: 100,
      [
        {
          try drive(
            bundle, module: Fixture.module, function: "observe", arguments: [context],
            answer: answer)
        },
        { try unsafe runBare(host, context, answer, expected: expected.count) },
        { try drive(bundle, module: "resources.probes", function: "nothing") },
        { try drive(bundle, module: "resources.loads", function: "nothing") },
        {
          try drive(bundle, module: "resources.probes", function: "nothing", arguments: [context])
        },
        { try drive(bundle, module: "resources.probes", function: "echo", arguments: [context]) },
        { try drive(bundle, module: "resources.probes", function: "effect", answer: [0x31]) },
        { _ = ScriptRun(bundle: bundle, module: Fixture.module, function: "x", arguments: []) },
      ])
    let (whole, bareWhole, nothing, loads) = (times[0], times[1], times[2], times[3])
    let (reading, echo, effect, state) = (times[4], times[5], times[6], times[7])
    print(
      "observe of channel.lua, object of \(Fixture.object.utf8.count) bytes, ctx of "
        + "\(context.count), answer of \(answer.count), result of \(expected.count)")
    print("processor time in µs, median of \(rounds) rounds of 100 runs\n")
    row("start to finish", whole, "target 150")
    row("  the same in the bare C host", bareWhole, "")
    row("  ratio to the bare C host", whole / bareWhole, "target 1.5", digits: 2)
    row("state creation", state, "made and dropped")
    row("entry, an empty function", nothing - state, "")
    row("compile-cache hit", loads - nothing, "the modules that observe loads, from bytecode")
    row("JSON in", reading - nothing, "ctx, \(context.count) bytes, to tables")
    row("JSON out", echo - reading, "ctx back to JSON")
    row("an effect, yield and resume", effect - nothing, "with its module, answer of one byte")
    row("the rest", whole - loads - (reading - nothing), "the script's own work, effect, result")
    guard whole <= 150, whole <= 1.5 * bareWhole else {
      throw BenchmarkError("observe takes \(whole) µs, the bare C host \(bareWhole)")
    }
  }

  private func row(_ name: String, _ value: Double, _ note: String, digits: Int = 1) {
    print("\(name.padded(34))\(value.column(digits))   \(note)")
  }

  /// The modules that `observe` requires, without the rule itself: found by asking the bundle.
  private func loaded(by sources: [ScriptSource]) throws -> [String] {
    var names: [String] = []
    for source in sources where source.module != Fixture.module {
      let without = try ScriptBundle(sources: sources.filter { $0.module != source.module })
      let ends = try? drive(
        without, module: Fixture.module, function: "observe", arguments: [Fixture.context],
        answer: Fixture.answer)
      if ends == nil { names.append(source.module) }
    }
    return names
  }

  private func loading(_ modules: [String]) -> String {
    let requires = (modules + [Fixture.module]).map { "require(\"\($0)\")" }
    return requires.joined(separator: "\n") + "\nreturn { nothing = function() end }"
  }

  private func bare(_ sources: [ScriptSource]) -> OpaquePointer? {
    guard let host = unsafe bare_host_create() else { return nil }
    for source in sources {
      let added = unsafe source.text.withUnsafeBufferPointer { text in
        unsafe text.withMemoryRebound(to: CChar.self) { text in
          unsafe text.baseAddress.map {
            unsafe bare_host_add(host, source.module, $0, text.count)
          } ?? 0
        }
      }
      if added == 0 { return nil }
    }
    return unsafe host
  }

  private func runBare(
    _ host: OpaquePointer, _ context: [UInt8], _ answer: [UInt8], expected: Int
  ) throws {
    let length = unsafe context.withUnsafeBufferPointer { context in
      unsafe answer.withUnsafeBufferPointer { answer in
        guard let context = context.baseAddress, let reply = answer.baseAddress else { return 0 }
        return unsafe bare_host_run(
          host, Fixture.module, "observe", context, Fixture.context.count, reply, answer.count)
      }
    }
    guard length == expected else {
      throw BenchmarkError("the bare host gave \(length) bytes, the bridge \(expected)")
    }
  }
}

/// A benchmark that cannot be done.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
