import ArgumentParser
import Engine
import LuaBridge

/// The budgets of every run of a script; a rule can lower them for itself in its `limits`.
struct ScriptBudgetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Lua instructions that one run of a script may take.", valueName: "number"))
  var scriptInstructions: String = EnvironmentDefault.text("script-instructions", "10000000")

  @Option(
    help: ArgumentHelp(
      "Memory of one run of a script: bytes, or with Ki, Mi or Gi.", valueName: "size"))
  var scriptMemory: String = EnvironmentDefault.text("script-memory", "16Mi")

  @Option(
    help: ArgumentHelp(
      "Time that one run of a script may compute; waiting for Discord does not count.",
      valueName: "duration"))
  var scriptTime: String = EnvironmentDefault.text("script-time", "10s")

  @Option(
    help: ArgumentHelp("Effects that one run of a script may perform.", valueName: "number"))
  var scriptEffects: String = EnvironmentDefault.text("script-effects", "1000")

  /// A state with our own modules takes about 100 KiB; with less no rule of ours would run.
  private static let leastMemory = 256 << 10

  mutating func validate() throws { _ = try limits() }

  /// The budgets as the bridge knows them.
  func limits() throws -> ScriptLimits {
    var limits = ScriptLimits()
    guard let instructions = Int(scriptInstructions), instructions >= 10_000 else {
      throw ValidationError(
        "--script-instructions \(scriptInstructions) is not a number of at least 10000")
    }
    guard let memory = Self.bytes(scriptMemory), memory >= Self.leastMemory else {
      throw ValidationError(
        "--script-memory \(scriptMemory) is not a size of at least 256Ki, such as 16Mi")
    }
    guard let time = GoDuration.parse(scriptTime), time >= .milliseconds(10) else {
      throw ValidationError("--script-time \(scriptTime) is not a duration of at least 10ms")
    }
    guard let effects = Int(scriptEffects), effects >= 1 else {
      throw ValidationError("--script-effects \(scriptEffects) is not a number above zero")
    }
    limits.instructions = instructions
    limits.memory = memory
    limits.wallClock = time
    limits.effects = effects
    return limits
  }

  /// The bytes of a size as Kubernetes writes them.
  private static func bytes(_ text: String) -> Int? {
    for (suffix, shift) in [("Ki", 10), ("Mi", 20), ("Gi", 30)] where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(2)), number > 0, number <= Int.max >> shift else {
        return nil
      }
      return number << shift
    }
    return Int(text)
  }
}
