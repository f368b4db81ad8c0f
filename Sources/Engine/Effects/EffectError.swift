/// An effect that the engine does not perform: a bug of the script that yielded it.
package struct EffectError: Error, Sendable, CustomStringConvertible {
  /// The effect's name, e.g. `discord.request`.
  package let effect: String
  /// What is wrong with it.
  package let message: String

  package var description: String { "\(effect): \(message)" }

  /// Says what is wrong with an effect.
  package init(effect: String, message: String) {
    self.effect = effect
    self.message = message
  }
}
