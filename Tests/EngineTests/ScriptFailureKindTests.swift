import DiscordAPI
import LuaBridge
import Synchronization
import Testing

@testable import Engine

/// Every end of a run is counted, with what it used, and with the script's fault if it was one.
@Suite struct ScriptFailureKindTests {
  private struct Told: Sendable {
    var usage = ScriptUsage()
    var failure: ScriptFailureKind?
    var count = 0
  }

  /// Runs an `observe` whose one effect ends with an error, and gives what was reported.
  private func report(
    _ body: String, effect error: (any Error)? = nil
  ) async throws -> Told {
    let text = """
      local host = require("lib.host")
      local rule = {
        group = "t.example.org", version = "v1", kind = "Thing", plural = "things",
        resource_type = "channel",
      }
      function rule.observe() \(body) end
      return rule
      """
    let library = "local perform = ... return { perform = perform }"
    let bundle = try ScriptBundle(sources: [
      ScriptSource(module: "lib.host", path: "lib/host.lua", text: Array(library.utf8)),
      ScriptSource(module: "resources.thing", path: "resources/thing.lua", text: Array(text.utf8)),
    ])
    let rule = try Rule(module: "resources.thing", in: bundle)
    let told = Mutex(Told())
    let runner = RuleRunner(limits: ScriptLimits(), runner: ScriptRunner()) {
      (_, _, usage, failure) in
      told.withLock {
        $0.usage = usage
        $0.failure = failure
        $0.count += 1
      }
    }
    _ = try? await runner.run("observe", of: rule, context: Array("{}".utf8)) { effect in
      if let error { throw error }
      return effect
    }
    return told.withLock { $0 }
  }

  private static let performing = "host.perform({ effect = \"x\" }) return { exists = false }"

  @Test func aRefusedEffectIsTheScriptsFault() async throws {
    let told = try await report(
      Self.performing, effect: EffectError(effect: "x", message: "there is no such effect"))
    #expect(told.failure?.label == "refusedEffect")
    #expect(told.count == 1)
    #expect(told.usage.instructions > 0)
    #expect(told.usage.effects == 1)
  }

  @Test func anOutageIsNotTheScriptsFault() async throws {
    let told = try await report(
      Self.performing,
      effect: DiscordError.unavailable(
        status: nil, message: "gone", mayHaveBeenPerformed: false))
    #expect(told.failure == nil)
    #expect(told.count == 1)
    #expect(told.usage.peakMemory > 0)
  }

  @Test func anErrorOfTheScriptHasItsKind() async throws {
    #expect(try await report("error('no')").failure?.label == "runtime")
    #expect(try await report("while true do end").failure?.label == "instructions")
    #expect(try await report("return { exists = true }").failure == nil)
  }
}
