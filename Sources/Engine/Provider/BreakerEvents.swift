import DiscordAPI
import KubeWatch
import Synchronization

/// Events about circuit breakers. They concern all objects that share a token, so that they are about
/// the ProviderConfigs that name it; as those belong to no namespace, they are in `default`.
final class BreakerEvents: Sendable {
  private struct Topic: Hashable {
    let config: String
    let type: String
  }

  private let events: EventRecorder
  private let configs: Store
  /// What was told of the outage that goes on. A breaker tries again and again; an Event for each try
  /// would be taken for a flood, and the end of the outage would not be told any more.
  private let told = Mutex<[Topic: Set<CircuitBreaker.Phase>]>([:])

  init(events: EventRecorder, configs: Store) {
    self.events = events
    self.configs = configs
  }

  /// A breaker of a resource type changed its phase.
  func record(_ phase: CircuitBreaker.Phase, of type: String, for names: [String]) {
    let (kind, reason, text) = Self.words(phase)
    for name in names {
      let isNews = told.withLock { told in
        let topic = Topic(config: name, type: type)
        guard phase != .closed else { return told.removeValue(forKey: topic) != nil }
        return told[topic, default: []].insert(phase).inserted
      }
      guard isNews, let config = configs[ObjectKey(namespace: "", name: name)] else { continue }
      events.record(
        kind, about: ObjectReference(config, type: ProviderConfigs.type), reason: reason,
        message: "circuit breaker \(phase.rawValue) for \(type): \(text)")
    }
  }

  private static func words(
    _ phase: CircuitBreaker.Phase
  ) -> (EventRecorder.Kind, reason: String, text: String) {
    switch phase {
    case .open:
      (
        .warning, "CircuitBreakerOpen",
        "Discord failed repeatedly or could not be reached; nothing is asked for a while, and then "
          + "one request finds out whether it is back"
      )
    case .halfOpen:
      (.normal, "CircuitBreakerHalfOpen", "one request finds out whether Discord is back")
    case .closed:
      (.normal, "CircuitBreakerClosed", "Discord answers again")
    }
  }
}
