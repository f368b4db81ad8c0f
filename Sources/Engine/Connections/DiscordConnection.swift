package import DiscordAPI
import JSONValue

/// One token at one address of Discord, with what has been read through it.
package struct DiscordConnection: Sendable {
  /// Sends requests within the limits.
  package let client: DiscordClient
  /// Serves observations from few reads.
  package let reads: ConnectionReads
  /// What its requests tell of Discord's reachability.
  package let reach: DiscordReachRecorder

  /// Whether the bot sees every channel of a guild, so that a list which lacks one proves that it
  /// is not there.
  func seesEverything(in guild: String) async throws(DiscordError) -> Bool {
    let bytes = try await reads.guilds(.init(notOlderThan: .zero))
    guard let list = try? JSONDocument(parsing: bytes).root else { return false }
    let permissions = list.elements.first { $0["id"]?.string == guild }?["permissions"]?.string
    let administrator: UInt64 = 1 << 3
    return UInt64(permissions ?? "").map { $0 & administrator != 0 } ?? false
  }
}
