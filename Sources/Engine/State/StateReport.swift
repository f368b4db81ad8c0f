import JSONValue
import KubeWatch

/// What `/debug/state` answers: the whole state for a person, the status page or a runbook. Nothing
/// secret is in it: no token, and of objects names, conditions and IDs alone.
///
/// Every list that grows with the cluster is cut at `longest`.
struct StateReport {
  /// How many objects a list names at most.
  static let longest = 20

  /// The moment of the report, in uptime and by the wall clock.
  let uptime: Duration
  let now: Timestamp

  /// A time in seconds, to the millisecond; null for none.
  static func seconds(_ duration: Duration?) -> JSONValue {
    guard let duration else { return .null }
    return .double((duration.inSeconds * 1_000).rounded() / 1_000)
  }

  static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  static func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }

  /// A moment of the uptime as RFC 3339; null for none.
  func moment(_ instant: Duration?) -> JSONValue {
    guard let instant else { return .null }
    return .string(now.advanced(by: instant - uptime).seconds)
  }

  /// Seconds since a moment by the wall clock; null for none.
  func age(_ moment: Timestamp?) -> JSONValue {
    guard let moment else { return .null }
    let age = now.millisecondsSince1970 - moment.millisecondsSince1970
    return Self.seconds(.milliseconds(max(age, 0)))
  }

  static func identity(_ key: ResourceKey) -> JSONValue {
    [
      "kind": .string(key.kind), "namespace": .string(key.object.namespace),
      "name": .string(key.object.name),
    ]
  }
}
