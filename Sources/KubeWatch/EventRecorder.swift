import HTTPTransport
import JSONValue
package import Logging
import Synchronization

/// Writes core/v1 Events in the background.
///
/// Recording never waits and never fails: what comes faster than it can be written, repeats, or
/// floods one object is counted, combined or dropped.
package final class EventRecorder: Sendable {
  /// The `type` of an Event; Kubernetes knows no third.
  package enum Kind: String, Sendable, Hashable {
    case normal = "Normal"
    case warning = "Warning"
  }

  private typealias Occurrence = EventCorrelator.Occurrence

  private static let queueLimit = 1000
  /// Kubernetes' limit is 1024 bytes (`validation/events.go`).
  private static let messageLimit = 1024
  private static let attempts = 3

  private let client: KubeClient
  private let component: String
  private let instance: String
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let wall: @Sendable () -> WallTime
  private let sleep: @Sendable (Duration) async throws -> Void
  private let queue: AsyncStream<Occurrence>
  private let feed: AsyncStream<Occurrence>.Continuation
  private let ended: AsyncStream<Void>
  private let end: AsyncStream<Void>.Continuation
  private let correlator = Mutex(EventCorrelator())
  private let droppedCount = Mutex(0)

  /// - Parameters:
  ///   - component: who reports, such as `provider-discord`.
  ///   - instance: which replica, such as the pod's name.
  ///   - now: a clock that never goes back, the one that `sleep` sleeps by.
  ///   - wall: the time that Events carry.
  package init(
    client: KubeClient, component: String, instance: String, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    wall: @escaping @Sendable () -> WallTime = { .now() },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.client = client
    self.component = component
    self.instance = instance
    self.logger = logger
    self.now = now
    self.wall = wall
    self.sleep = sleep
    (queue, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    (ended, end) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  /// Occurrences that found the queue full.
  package var dropped: Int { droppedCount.withLock { $0 } }

  /// Notes that something happened to an object.
  ///
  /// - Parameter reason: one word in capitals-first, such as `CreatedExternalResource`.
  package func record(
    _ kind: Kind, about object: ObjectReference, reason: String, message: String
  ) {
    let occurrence = Occurrence(
      about: object, kind: kind, reason: reason, message: Self.shortened(message))
    if case .dropped = feed.yield(occurrence) { droppedCount.withLock { $0 += 1 } }
  }

  /// Writes what is recorded, until `drain` or cancellation. To be run once.
  package func run() async {
    for await occurrence in queue { await write(occurrence) }
    end.finish()
  }

  /// Takes nothing more and returns when all that waits is written, at the latest after `limit`.
  package func drain(within limit: Duration) async {
    feed.finish()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [ended] in for await _ in ended {} }
      group.addTask { [sleep] in try? await sleep(limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func write(_ occurrence: Occurrence) async {
    let decision = correlator.withLock {
      $0.correlate(occurrence, now: now(), wall: wall())
    }
    switch decision {
    case .drop: return
    case .create(let record): await create(occurrence, record)
    case .update(let record):
      do throws(KubeError) {
        try await attempt { () throws(KubeError) in
          _ = try await client.patch(
            .events, ObjectKey(namespace: occurrence.about.eventNamespace, name: record.name),
            body: Self.change(record))
        }
      } catch {
        guard error.isNotFound else { return report(error, occurrence) }
        // The Event outlived its hour; the next one starts a new count.
        correlator.withLock { $0.forget(occurrence) }
        if case .create(let fresh) = correlator.withLock({
          $0.correlate(occurrence, now: now(), wall: wall())
        }) {
          await create(occurrence, fresh)
        }
      }
    }
  }

  private func create(_ occurrence: Occurrence, _ record: EventCorrelator.Record) async {
    let body = self.body(occurrence, record)
    do throws(KubeError) {
      try await attempt { () throws(KubeError) in
        _ = try await client.create(
          .events, namespace: occurrence.about.eventNamespace, body: body)
      }
    } catch {
      // A first attempt whose answer was lost had made it.
      if error.isAlreadyExists { return }
      correlator.withLock { $0.forget(occurrence) }
      report(error, occurrence)
    }
  }

  private func attempt(_ body: () async throws(KubeError) -> Void) async throws(KubeError) {
    var delay = Duration.seconds(1)
    for attempt in 1... {
      do throws(KubeError) {
        return try await body()
      } catch {
        guard error.transport != nil || (error.status ?? 0) >= 500, attempt < Self.attempts,
          !Task.isCancelled
        else { throw error }
        try? await sleep(delay)
        delay *= 2
      }
    }
  }

  private func report(_ error: KubeError, _ occurrence: Occurrence) {
    if error.isCancelled { return }
    logger.warning(
      "cannot write an Event",
      metadata: [
        "k8s.key": "\(occurrence.about.key)", "reason": "\(occurrence.reason)",
        "error": "\(error)",
      ])
  }

  private static func change(_ record: EventCorrelator.Record) -> [UInt8] {
    let value: JSONValue = [
      "count": .integer(Int64(record.count)), "lastTimestamp": .string(record.lastTime.text),
      "message": .string(record.message),
    ]
    return value.serialized()
  }

  private func body(_ occurrence: Occurrence, _ record: EventCorrelator.Record) -> [UInt8] {
    let about = occurrence.about
    var involved: JSONValue = [
      "apiVersion": .string(about.type.apiVersion), "kind": .string(about.type.kind),
      "name": .string(about.key.name), "uid": .string(about.uid),
    ]
    if !about.key.namespace.isEmpty { involved["namespace"] = .string(about.key.namespace) }
    if !about.resourceVersion.isEmpty {
      involved["resourceVersion"] = .string(about.resourceVersion)
    }
    let value: JSONValue = [
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "name": .string(record.name), "namespace": .string(about.eventNamespace),
      ],
      "involvedObject": involved, "type": .string(occurrence.kind.rawValue),
      "reason": .string(occurrence.reason), "message": .string(record.message),
      "count": .integer(Int64(record.count)),
      "firstTimestamp": .string(record.firstTime.text),
      "lastTimestamp": .string(record.lastTime.text),
      "source": ["component": .string(component)], "reportingComponent": .string(component),
      "reportingInstance": .string(instance),
    ]
    return value.serialized()
  }

  /// Cut at a character, so that the text with the mark of combined Events before it still fits.
  private static func shortened(_ message: String) -> String {
    let room = messageLimit - 40
    guard message.utf8.count > room else { return message }
    var text = ""
    var count = 0
    for character in message {
      count += character.utf8.count
      if count > room - 3 { break }
      text.append(character)
    }
    return text + "…"
  }
}
