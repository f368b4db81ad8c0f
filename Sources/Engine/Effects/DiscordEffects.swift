import DiscordAPI
import JSONValue
import Logging
import Synchronization

/// Performs the effects of one function of one rule.
///
/// Only Discord's own answers (2xx and 4xx but 401 and 429) reach the script. A wrong token, the
/// limits, an open breaker and a dead connection end the run: they are the engine's business.
package final class DiscordEffects: Sendable {
  /// What the function may do.
  package enum Mode: Sendable, Hashable {
    /// `observe` and `find`: a write is refused, whatever the rule's capabilities say.
    case reading
    /// `create`, `update`, `delete`; a create carries its nonce.
    case writing(nonce: CreateNonce?)
  }

  private let connection: DiscordConnection
  private let mode: Mode
  private let rule: Rule
  private let key: ResourceKey
  private let purpose: ConnectionReads.Purpose
  private let logger: Logger
  private let wrote = Atomic<Bool>(false)

  init(
    connection: DiscordConnection, mode: Mode, rule: Rule, key: ResourceKey,
    purpose: ConnectionReads.Purpose, logger: Logger
  ) {
    self.connection = connection
    self.mode = mode
    self.rule = rule
    self.key = key
    self.purpose = purpose
    self.logger = logger
  }

  /// Whether a write was sent that Discord performed or may have performed.
  package var mayHaveWritten: Bool { wrote.load(ordering: .relaxed) }

  /// Performs one effect and gives its answer, as JSON.
  ///
  /// - Throws: `DiscordError` for what ends the run, `EffectError` for what the script may not do.
  package func perform(_ bytes: [UInt8]) async throws -> [UInt8] {
    let effect = try JSONDocument(parsing: bytes).root
    let name = effect["effect"]?.string ?? ""
    let gate = EffectGate(capabilities: rule.capabilities, mayWrite: mode != .reading)
    try gate.admit(name, method: effect["method"]?.string, path: effect["path"]?.string)
    switch name {
    case "log":
      log(effect)
      return Self.null
    case "discord.request": return try await request(effect)
    default: return try await answer { try await self.read(name, effect) }
    }
  }

  private func read(_ name: String, _ effect: JSONCursor) async throws -> [UInt8]? {
    func text(_ field: String) throws -> String {
      if let text = effect[field]?.string, !text.isEmpty { return text }
      throw EffectError(effect: name, message: "\"\(field)\" must be a text")
    }
    let reads = connection.reads
    switch name {
    case "discord.guild": return try await reads.guild(text("guild_id"), purpose)
    case "discord.channels": return try await reads.channels(text("guild_id"), purpose)
    case "discord.channel":
      return try await reads.channel(text("id"), guild: text("guild_id"), purpose)
    case "discord.role": return try await reads.role(text("id"), guild: text("guild_id"), purpose)
    case "discord.guilds": return try await reads.guilds(purpose)
    default: return try await reads.me(purpose)
    }
  }

  private func request(_ effect: JSONCursor) async throws -> [UInt8] {
    let method = effect["method"]?.string?.uppercased() ?? ""
    let path = effect["path"]?.string ?? ""
    let isWrite = method != "GET"
    let query = (effect["query"]?.members ?? []).map { ($0.name, Self.text($0.value)) }
      .sorted { $0.0 < $1.0 }
    let request = DiscordRequest(
      method: method, path: path, query: query,
      body: effect["body"].map { $0.serialized() },
      auditLogReason: isWrite ? reason(effect["reason"]?.string) : nil,
      priority: method == "PATCH" || method == "PUT"
        ? .update : isWrite ? .createOrDelete : purpose.priority,
      resourceType: rule.resourceType, operation: Self.operation(method),
      guildID: effect["guild_id"]?.string, actor: key.description)
    return try await answer {
      do {
        let response = try await self.connection.reads.send(request)
        if isWrite { self.wrote.store(true, ordering: .relaxed) }
        return response
      } catch let error as DiscordError {
        if isWrite, error.mayHaveBeenPerformed { self.wrote.store(true, ordering: .relaxed) }
        throw error
      }
    }
  }

  /// Wraps what came back in the shape that `scripts/lib/discord.lua` unwraps.
  private func answer(_ body: () async throws -> [UInt8]?) async throws -> [UInt8] {
    do {
      let body = try await body()
      var bytes = Array(#"{"ok":true,"body":"#.utf8)
      bytes.append(contentsOf: body.flatMap { $0.isEmpty ? nil : $0 } ?? Self.null)
      bytes.append(UInt8(ascii: "}"))
      return bytes
    } catch DiscordError.answered(let failure) {
      let value: JSONValue = [
        "ok": false, "status": .integer(Int64(failure.status)),
        "code": .integer(Int64(failure.code)), "message": .string(failure.message),
        "errors": .array(
          failure.errors.map {
            ["path": .string($0.path), "code": .string($0.code), "message": .string($0.message)]
          }),
      ]
      return value.serialized()
    }
  }

  /// What Discord's audit log will say. A nonce must be there whatever the script wants to add.
  private func reason(_ own: String?) -> String {
    let base: String
    if case .writing(let nonce?) = mode {
      base = nonce.reason(for: key)
    } else {
      base = "provider-discord: \(key)"
    }
    return own.map { "\(base) \($0)" } ?? base
  }

  private func log(_ effect: JSONCursor) {
    let level = effect["level"]?.string.flatMap(Logger.Level.init(rawValue:)) ?? .info
    var metadata: Logger.Metadata = ["module": "\(rule.module)"]
    for (key, value) in (effect["fields"]?.members ?? []).prefix(ScriptLogText.fields) {
      let name = ScriptLogText(key, limit: ScriptLogText.fieldBytes)
      metadata["script.\(name)"] =
        "\(ScriptLogText(Self.text(value), limit: ScriptLogText.fieldBytes))"
    }
    let message = ScriptLogText(effect["message"]?.string ?? "", limit: ScriptLogText.messageBytes)
    logger.log(level: level, "\(message)", metadata: metadata)
  }

  /// A text as it is, anything else as JSON.
  private static func text(_ value: JSONCursor) -> String {
    value.string ?? String(decoding: value.serialized(), as: UTF8.self)
  }

  private static func operation(_ method: String) -> String {
    switch method {
    case "POST": "create"
    case "PATCH", "PUT": "update"
    case "DELETE": "delete"
    default: "observe"
    }
  }

  private static let null = Array("null".utf8)
}

extension DiscordError {
  /// Whether a write that ended with this error may nevertheless have taken effect.
  var mayHaveBeenPerformed: Bool {
    switch self {
    case .unavailable(_, _, let maybe), .cancelled(let maybe): maybe
    case .answered, .unauthorized, .requeue, .circuitOpen, .invalidRequest: false
    }
  }
}
