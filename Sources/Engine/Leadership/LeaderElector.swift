import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Synchronization

/// Drives a `LeaderElection`: asks and writes the Lease, keeps the time, and tells `Leadership`.
final class LeaderElector: Sendable {
  static let type = ResourceType(
    group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")

  private struct State {
    var machine: LeaderElection
    var plannedWakeUp: ContinuousClock.Instant?
    var holder = ""
    var since: Duration?
    var lastError: String?
  }

  private let settings: LeaderElectionSettings
  private let kube: KubeClient
  private let leadership: Leadership
  private let events: EventRecorder
  private let seams: ProviderSeams
  private let logger: Logger
  private let state: Mutex<State>
  private let feed: AsyncStream<LeaderElection.Event>.Continuation
  private let feeding: AsyncStream<LeaderElection.Event>
  private let ended: AsyncStream<Void>
  private let end: AsyncStream<Void>.Continuation

  init(
    settings: LeaderElectionSettings, kube: KubeClient, leadership: Leadership,
    events: EventRecorder,
    seams: ProviderSeams, logger: Logger
  ) {
    self.settings = settings
    self.kube = kube
    self.leadership = leadership
    self.events = events
    self.seams = seams
    self.logger = logger
    state = Mutex(State(machine: LeaderElection(configuration: settings.election)))
    (feeding, feed) = AsyncStream.makeStream()
    (ended, end) = AsyncStream.makeStream()
  }

  /// How it stands, for `/debug/state`. Times are uptimes.
  struct Status: Sendable {
    let identity: String
    let lease: ObjectKey
    /// Empty while nobody is known to hold the Lease.
    let holder: String
    /// Since when this holder is known.
    let since: Duration?
    let transitions: Int64
    let lastError: String?
  }

  var status: Status {
    state.withLock { state in
      Status(
        identity: settings.election.identity, lease: settings.lease, holder: state.holder,
        since: state.since, transitions: state.machine.observed?.transitions ?? 0,
        lastError: state.lastError)
    }
  }

  /// Campaigns and renews until the Lease was given back or the task is cancelled. To be run once.
  func run() async {
    await withDiscardingTaskGroup { group in
      feed.yield(.started)
      for await event in feeding {
        let (actions, wait) = handle(event)
        for action in actions {
          guard let perform = perform(action) else { continue }
          group.addTask { self.feed.yield(await perform()) }
        }
        if let wait {
          group.addTask {
            try? await self.seams.time.sleep(wait)
            self.state.withLock { $0.plannedWakeUp = nil }
            self.feed.yield(.timePassed)
          }
        }
        if state.withLock({ $0.machine.isOver }) { break }
      }
      group.cancelAll()
    }
    leadership.end()
    end.finish()
  }

  /// Gives the Lease back, once all work has ended, so that another need not wait for its end.
  ///
  /// - Parameter limit: how long the API server is waited for.
  func release(within limit: Duration) async {
    feed.yield(.stopRequested)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in self.ended {} }
      group.addTask { try? await self.seams.time.sleep(limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func handle(_ event: LeaderElection.Event) -> ([LeaderElection.Action], Duration?) {
    let now = seams.now()
    let random = seams.random()
    let (actions, wait, end) = state.withLock { state in
      let actions = state.machine.handle(event, now: now, random: random)
      var wait: Duration?
      if let wakeUp = state.machine.nextWakeUp, state.plannedWakeUp.map({ wakeUp < $0 }) ?? true {
        state.plannedWakeUp = wakeUp
        wait = max(now.duration(to: wakeUp), .milliseconds(1))
      }
      return (actions, wait, state.machine.actsUntil)
    }
    // Before anything else is done: the end of a term stops all work at once.
    if actions.contains(where: { if case .stop = $0 { true } else { false } }) {
      leadership.end()
    }
    if actions.contains(.lead), let end {
      leadership.begin(until: end)
    } else if let end {
      leadership.extend(until: end)
    }
    noteHolder()
    return (actions, wait)
  }

  /// The request of an action; nil for those that are only news.
  private func perform(
    _ action: LeaderElection.Action
  ) -> (@Sendable () async -> LeaderElection.Event)? {
    switch action {
    case .read: return { await self.request("GET", nil) }
    case .create(let claim):
      return {
        await self.request(
          "POST",
          [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": .string(self.settings.lease.name)],
            "spec": claim.spec(now: self.seams.wallTime()),
          ])
      }
    case .update(let claim, let version):
      return {
        await self.request(
          "PATCH",
          [
            "metadata": ["resourceVersion": .string(version)],
            "spec": claim.spec(now: self.seams.wallTime()),
          ])
      }
    case .lead:
      tell(.normal, "became the leader")
      return nil
    case .stop(let loss):
      switch loss {
      case .released: tell(.normal, "gave the lease back")
      case .expired:
        tell(.warning, "lost the lease: it could not be renewed in time; all work is stopped")
      case .takenBy(let other):
        tell(.warning, "lost the lease to \(other); all work is stopped")
      }
      return nil
    }
  }

  private func request(_ method: String, _ body: JSONValue?) async -> LeaderElection.Event {
    let type = Self.type
    let path =
      method == "POST" ? type.path(namespace: settings.lease.namespace) : type.path(settings.lease)
    // Half of the time in which a renewal must succeed, so that one that hangs leaves room for a
    // second try.
    let limit = settings.election.renewDeadline.scaled(by: 0.5)
    return await withTaskGroup(of: LeaderElection.Event.self) { group in
      group.addTask {
        do throws(KubeError) {
          let answer = try await self.kube.raw(
            method: method, path: path, body: body?.serialized(),
            contentType: method == "PATCH"
              ? "application/merge-patch+json" : "application/json", timeout: limit)
          guard let record = LeaseRecord(json: answer.body) else {
            return self.failed("the API server's answer is no Lease")
          }
          self.state.withLock { $0.lastError = nil }
          return method == "GET" ? .read(record) : .written(record)
        } catch {
          if error.isNotFound { return method == "GET" ? .read(nil) : .conflicted }
          if error.isConflict || error.isAlreadyExists { return .conflicted }
          return self.failed("\(error)")
        }
      }
      group.addTask {
        try? await self.seams.time.sleep(limit)
        return self.failed("no answer within \(limit)")
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failed
    }
  }

  private func failed(_ message: String) -> LeaderElection.Event {
    guard !Task.isCancelled else { return .failed }
    state.withLock { $0.lastError = message }
    logger.error(
      "leader election: the lease can't be read or written",
      metadata: ["lease": "\(settings.lease)", "error": "\(message)"])
    return .failed
  }

  private func noteHolder() {
    let news = state.withLock { state -> String? in
      let holder = state.machine.observed?.holder ?? ""
      guard holder != state.holder else { return nil }
      state.holder = holder
      state.since = seams.time.uptime()
      return holder
    }
    guard let news, news != settings.election.identity else { return }
    logger.info(
      "leader election: \(news.isEmpty ? "nobody leads" : "standing by, another leads")",
      metadata: ["lease": "\(settings.lease)", "holder": "\(news)"])
  }

  private func tell(_ kind: EventRecorder.Kind, _ what: String) {
    logger.log(
      level: kind == .normal ? .info : .warning, "leader election: \(what)",
      metadata: [
        "lease": "\(settings.lease)", "identity": "\(settings.election.identity)",
      ])
    let uid = state.withLock { $0.machine.observed?.uid ?? "" }
    events.record(
      kind, about: ObjectReference(type: Self.type, key: settings.lease, uid: uid),
      reason: "LeaderElection", message: "\(settings.election.identity) \(what)")
  }
}
