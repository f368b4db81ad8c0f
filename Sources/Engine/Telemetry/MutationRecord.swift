import DiscordAPI
import JSONValue
import Logging

/// A change that was asked of Discord, as a line of the security log: who, what, before, after.
struct MutationRecord {
  private let mutation: Mutation
  /// What one side of a change may take of a line, in bytes.
  private static let limit = 2_000

  init(_ mutation: Mutation) { self.mutation = mutation }

  var metadata: Logger.Metadata {
    let changed = changedKeys
    return [
      "actor": "\(mutation.actor ?? "-")", "reason": "\(mutation.reason ?? "-")",
      "request": "\(mutation.method) \(mutation.path)",
      "before": "\(Self.text(mutation.before, only: changed))",
      "requested": "\(Self.text(mutation.requested, only: nil))",
      "after": "\(Self.text(mutation.after, only: changed))",
      "status": "\(mutation.status.map { String($0) } ?? "-")",
      "failure": "\(mutation.failure ?? "-")",
    ]
  }

  /// The keys that a PATCH of one object names; nil when all of the object matters.
  ///
  /// Discord answers with the whole object, and a guild's has all of its roles: what was changed would
  /// not be found in it, or be cut off.
  private var changedKeys: Set<String>? {
    guard mutation.method == "PATCH", let bytes = mutation.requested,
      let requested = try? JSONDocument(parsing: bytes).root, requested.isObject
    else { return nil }
    return Set(requested.members.map(\.name))
  }

  private static func text(_ bytes: [UInt8]?, only keys: Set<String>?) -> String {
    guard let bytes else { return "-" }
    // An error's body has none of the keys, and is shown as it is.
    let excerpt = keys.flatMap { try? JSONDocument(parsing: bytes).root.serialized(only: $0) }
    let kept = excerpt ?? bytes
    let text = String(decoding: kept.prefix(limit), as: UTF8.self)
    return kept.count > limit ? "\(text)… (\(kept.count) bytes)" : text
  }
}
