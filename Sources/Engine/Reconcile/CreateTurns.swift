import Synchronization

/// Lets creates of one guild and name go one after the other, from the announcement until the external
/// name is recorded, and what looks for the outcome of one as well: of two that go on at once, one could
/// take what the other has just made for its own.
package final class CreateTurns: Sendable {
  /// What two creates must not have in common.
  package struct Turn: Sendable, Hashable {
    private let kind: String
    private let providerConfig: String
    private let guild: String
    private let name: String

    /// The turn of a name. Names that Discord might make the same have the same turn: letters and
    /// digits count, in small letters.
    package init(kind: String, providerConfig: String, guild: String, name: String) {
      self.kind = kind
      self.providerConfig = providerConfig
      self.guild = guild
      let core = name.lowercased().filter { $0.isLetter || $0.isNumber }
      self.name = core.isEmpty ? name : core
    }
  }

  private let taken = Mutex<Set<Turn>>([])

  /// Nobody's turn yet.
  package init() {}

  /// Takes the turn; false when somebody else has it.
  package func take(_ turn: Turn) -> Bool { taken.withLock { $0.insert(turn).inserted } }

  /// Gives it back.
  package func end(_ turn: Turn) { taken.withLock { _ = $0.remove(turn) } }
}
