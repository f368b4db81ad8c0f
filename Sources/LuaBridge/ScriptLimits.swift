/// What one run of a script may use. Whoever exceeds a limit is ended; a script cannot catch that.
package struct ScriptLimits: Sendable, Hashable {
  /// Instructions of Lua's virtual machine. Work that built-in functions do in one call is charged
  /// in the same unit.
  package var instructions: Int
  /// Bytes of the run's Lua state.
  package var memory: Int
  /// Time of the script's own stretches; the time its effects take is not its fault.
  package var wallClock: Duration
  /// Effects in one run.
  package var effects: Int
  /// Bytes of one effect as JSON.
  package var effectBytes: Int
  /// Bytes of the returned values as JSON.
  package var resultBytes: Int
  /// Bytes of the longest string.
  package var stringBytes: Int
  /// Instructions after which other tasks get their turn.
  package var timeSlice: Int
  /// Time after which they get it even if the instructions were few but heavy.
  package var sliceDuration: Duration

  package init(
    instructions: Int = 10_000_000,
    memory: Int = 16 << 20,
    wallClock: Duration = .seconds(10),
    effects: Int = 1_000,
    effectBytes: Int = 1 << 20,
    resultBytes: Int = 4 << 20,
    stringBytes: Int = 1 << 20,
    timeSlice: Int = 100_000,
    sliceDuration: Duration = .milliseconds(5)
  ) {
    self.instructions = instructions
    self.memory = memory
    self.wallClock = wallClock
    self.effects = effects
    self.effectBytes = effectBytes
    self.resultBytes = resultBytes
    self.stringBytes = stringBytes
    self.timeSlice = timeSlice
    self.sliceDuration = sliceDuration
  }
}
