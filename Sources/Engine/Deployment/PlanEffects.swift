import JSONValue
import Synchronization

/// Performs the reads of a rule's function and records its writes: each is answered as if Discord had
/// taken it as it is.
final class PlanEffects: Sendable {
  private let reads: DiscordEffects
  private let gate: EffectGate
  private let recorded = Mutex<[RulePlan.Request]>([])

  /// - Parameters:
  ///   - reads: performs reads, and refuses writes.
  ///   - mayWrite: false for `observe`.
  init(reads: DiscordEffects, capabilities: Set<String>, mayWrite: Bool) {
    self.reads = reads
    gate = EffectGate(capabilities: capabilities, mayWrite: mayWrite)
  }

  /// The requests that would have been sent, in order.
  var requests: [RulePlan.Request] { recorded.withLock { $0 } }

  /// Answers one effect.
  func perform(_ bytes: [UInt8]) async throws -> [UInt8] {
    let effect = try JSONValue(parsing: bytes)
    let name = effect["effect"]?.stringValue ?? ""
    // What a rule has to say about a run that is none would only mislead.
    if name == "log" { return Array("null".utf8) }
    let method = effect["method"]?.stringValue?.uppercased()
    let path = effect["path"]?.stringValue
    guard name == "discord.request", let method, method != "GET", let path else {
      return try await reads.perform(bytes)
    }
    try gate.admit(name, method: method, path: path)
    let body = effect["body"] ?? .null
    recorded.withLock { $0.append(RulePlan.Request(method: method, path: path, body: body)) }
    return Self.answer(method, path, body).serialized()
  }

  private static func answer(_ method: String, _ path: String, _ body: JSONValue) -> JSONValue {
    var answer = body.objectValue == nil ? [:] : body
    switch method {
    case "POST": answer["id"] = "1000000000000000000"
    case "PATCH", "PUT":
      answer["id"] = .string(path.split(separator: "/").last.map(String.init) ?? "")
    default: return ["ok": true, "body": .null]
    }
    return ["ok": true, "body": answer]
  }
}
