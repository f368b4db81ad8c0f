/// Who has to give a sign of life how often, and who has not: a value without a clock.
package struct Heartbeat: Sendable {
  /// One who is silent for too long.
  package struct Silence: Sendable, Hashable {
    package let name: String
    /// How long.
    package let duration: Duration
  }

  private struct Source {
    var last: Duration
    let limit: Duration
  }

  private var sources: [String: Source] = [:]

  /// Nobody yet.
  package init() {}

  /// All who are expected, sorted.
  package var names: [String] { sources.keys.sorted() }

  /// From now on `name` has to beat at least every `limit`.
  package mutating func expect(_ name: String, every limit: Duration, from now: Duration) {
    sources[name] = Source(last: now, limit: limit)
  }

  /// `name` lives.
  package mutating func beat(_ name: String, at now: Duration) {
    sources[name]?.last = now
  }

  /// Those who are silent for longer than they may, sorted.
  package func silent(at now: Duration) -> [Silence] {
    sources.filter { now - $0.value.last > $0.value.limit }
      .map { Silence(name: $0.key, duration: now - $0.value.last) }.sorted { $0.name < $1.name }
  }
}
