/// How a simulator is started.
package struct DiscordSimulatorConfiguration: Sendable {
  /// Address to listen on, for both ports.
  package var host = "127.0.0.1"
  /// Port of the API; 0 for any free one.
  package var port = 0
  /// Port of the control API; 0 for any free one, nil for none.
  package var controlPort: Int? = 0
  /// Limits at the start; the control API can change them.
  package var limits = LimitConfiguration()
  /// Added to every exchange at the start; the control API can change it.
  package var latency = Duration.zero
  /// Where the world is read from, if the file is there, and written to at the end.
  package var stateFile: String?
  /// Decides on faults with a probability.
  package var seed: UInt64 = 1

  /// Free ports on loopback, the reference's limits, the seeded guild.
  package init() {}
}

/// Where a running simulator listens.
package struct DiscordSimulatorAddresses: Sendable, Hashable {
  /// What a client takes as Discord's base, with `/api/v10`.
  package var api: String
  /// The base of the control API, with `/control`; nil when there is none.
  package var control: String?
}
