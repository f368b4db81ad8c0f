/// What a rule's function may ask for: one check for production, cases and replays.
package struct EffectGate: Sendable {
  /// What the rule declares, e.g. `discord.write`.
  package let capabilities: Set<String>
  /// False for `observe` and `find`, whatever the rule declares.
  package let mayWrite: Bool

  /// The effects that exist besides `log` and `discord.request`.
  package static let reads: Set<String> = [
    "discord.guild", "discord.channels", "discord.channel", "discord.role", "discord.guilds",
    "discord.me",
  ]

  /// Makes a gate for one function.
  package init(capabilities: Set<String>, mayWrite: Bool) {
    self.capabilities = capabilities
    self.mayWrite = mayWrite
  }

  /// Refuses an effect that does not exist or is not allowed.
  ///
  /// - Parameters:
  ///   - method: of a `discord.request`.
  ///   - path: of a `discord.request`.
  package func admit(_ effect: String, method: String?, path: String?) throws(EffectError) {
    if effect == "log" { return }
    if Self.reads.contains(effect) { return try demand("discord.read", for: effect) }
    guard effect == "discord.request" else {
      throw EffectError(effect: effect, message: "there is no such effect")
    }
    guard let method = method?.uppercased(), let path else {
      throw EffectError(effect: effect, message: "\"method\" and \"path\" must be texts")
    }
    let isWrite = method != "GET"
    try demand(isWrite ? "discord.write" : "discord.read", for: effect)
    if isWrite, !mayWrite {
      throw EffectError(
        effect: effect, message: "\(method) \(path): this function may only read")
    }
  }

  private func demand(_ capability: String, for effect: String) throws(EffectError) {
    guard capabilities.contains(capability) else {
      throw EffectError(
        effect: effect, message: "the rule's capabilities do not name \"\(capability)\"")
    }
  }
}
