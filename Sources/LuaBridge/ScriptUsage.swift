/// What one run of a script used.
package struct ScriptUsage: Sendable, Hashable {
  /// In the unit of ``ScriptLimits/instructions``.
  package var instructions: Int = 0
  package var effects: Int = 0
  /// The most bytes the Lua state held at one time.
  package var peakMemory: Int = 0
  /// Stretches between which other tasks could run.
  package var slices: Int = 0
  /// Time of the script's own stretches.
  package var scriptTime: Duration = .zero
  /// Time spent in performing its effects.
  package var effectTime: Duration = .zero

  package init() {}
}
