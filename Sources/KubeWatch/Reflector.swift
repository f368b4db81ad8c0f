import HTTPTransport
package import Logging
import Synchronization

/// Keeps a store equal to what the API server has of one type: list, watch, resume, list again.
///
/// Changes reach `onChange` one after the other from the task that runs the reflector.
package final class Reflector: Sendable {
  /// How the reflector stands, for health pages and metrics.
  package struct Status: Sendable {
    /// A list was completed.
    package var hasSynced = false
    /// When the server last sent anything.
    package var lastContact: ContinuousClock.Instant?
    package var lists = 0
    package var watches = 0
    /// Failures since the last success; 0 when all is well.
    package var failures = 0
    package var lastError: String?
    /// The API server knows no such type: its CustomResourceDefinition is not installed.
    package var isTypeMissing = false
    /// When the watch that is open now was opened.
    package var watchOpened: ContinuousClock.Instant?

    /// Makes the status of a reflector that has not begun.
    package init() {}
  }

  private struct State {
    var status = Status()
    var waiters: [CheckedContinuation<Void, Never>] = []
    var isOver = false
  }

  package let type: ResourceType
  package let store: Store
  /// Nil for all namespaces.
  package let namespace: String?
  private let client: KubeClient
  private let labelSelector: String?
  private let fieldSelector: String?
  private let silenceLimit: Duration
  private let logger: Logger
  private let random: @Sendable () -> Double
  private let now: @Sendable () -> ContinuousClock.Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let onChange: @Sendable (StoreChange) -> Void
  private let onFailure: @Sendable (KubeError) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - silenceLimit: how long a watch may be silent. Servers send bookmarks about each minute.
  ///   - random: gives 0 up to 1.
  ///   - now: a clock that never goes back, the one that `sleep` sleeps by.
  ///   - onChange: called in order; must not block.
  ///   - onFailure: called with what made a list fail, which is tried again; must not block.
  package init(
    type: ResourceType, client: KubeClient, store: Store, namespace: String? = nil,
    labelSelector: String? = nil, fieldSelector: String? = nil,
    silenceLimit: Duration = .seconds(90), logger: Logger,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    onChange: @escaping @Sendable (StoreChange) -> Void = { _ in },
    onFailure: @escaping @Sendable (KubeError) -> Void = { _ in }
  ) {
    self.type = type
    self.client = client
    self.store = store
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.silenceLimit = silenceLimit
    self.logger = logger
    self.random = random
    self.now = now
    self.sleep = sleep
    self.onChange = onChange
    self.onFailure = onFailure
  }

  package var status: Status { state.withLock { $0.status } }
  package var hasSynced: Bool { status.hasSynced }

  /// Returns once the first list is complete, or it is known that there is nothing to list yet because
  /// the type is not installed, or the reflector has ended.
  package func waitUntilSynced() async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.status.hasSynced || state.status.isTypeMissing || state.isOver { return true }
        state.waiters.append(continuation)
        return false
      }
      if isReady { continuation.resume() }
    }
  }

  /// Lists and watches until the task is cancelled.
  package func run() async {
    var machine = ListWatchStateMachine()
    var seen: Set<ObjectKey> = []
    var action = machine.handle(.started, now: now(), random: random())
    while !Task.isCancelled {
      let event: ListWatchStateMachine.Event
      switch action {
      case .list(let token, let limit):
        if token == nil { seen = [] }
        event = await list(token, limit, &seen)
      case .watch(let version, let timeout):
        event = await watch(version, timeout, &machine)
      case .wait(let duration):
        try? await sleep(duration)
        event = .waitEnded
      }
      if Task.isCancelled { break }
      action = machine.handle(event, now: now(), random: random())
    }
    release { $0.isOver = true }
  }

  private func list(
    _ token: String?, _ limit: Int?, _ seen: inout Set<ObjectKey>
  ) async -> ListWatchStateMachine.Event {
    do throws(KubeError) {
      let page = try await client.list(
        type, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector,
        limit: limit, continueToken: token)
      for item in page.items {
        guard let object = StoredObject(item, type: type) else { continue }
        seen.insert(object.key)
        deliver(store.apply(object, isAuthoritative: true))
      }
      guard page.continueToken == nil else {
        return .pageArrived(
          resourceVersion: page.resourceVersion, continueToken: page.continueToken)
      }
      deliver(store.removeAll(except: seen))
      seen = []
      noteSuccess { $0.lists += 1 }
      release { $0.status.hasSynced = true }
      return .pageArrived(resourceVersion: page.resourceVersion, continueToken: nil)
    } catch {
      noteFailure(
        error, error.isNotFound ? "its CustomResourceDefinition is not installed" : "cannot list")
      if error.isNotFound { release { $0.status.isTypeMissing = true } }
      onFailure(error)
      return .listFailed(.init(error))
    }
  }

  private func watch(
    _ version: String, _ timeout: Duration, _ machine: inout ListWatchStateMachine
  ) async -> ListWatchStateMachine.Event {
    var query = [
      ("watch", "1"), ("resourceVersion", version), ("allowWatchBookmarks", "true"),
      ("timeoutSeconds", "\(timeout.components.seconds)"),
    ]
    if let labelSelector { query.append(("labelSelector", labelSelector)) }
    if let fieldSelector { query.append(("fieldSelector", fieldSelector)) }
    var gotEvents = false
    var isOpen = false
    do throws(KubeError) {
      let body = try await client.stream(
        path: type.path(namespace: namespace), query: query, idleTimeout: silenceLimit)
      isOpen = true
      let opened = now()
      noteSuccess {
        $0.watches += 1
        $0.watchOpened = opened
      }
      defer { state.withLock { $0.status.watchOpened = nil } }
      var lines = LineSplitter()
      while let chunk = try await next(of: body) {
        noteSuccess { _ in }
        var failure: KubeError?
        lines.feed(chunk) { line in
          guard failure == nil, let event = WatchEvent(line: line, type: type, store: store)
          else { return }
          if case .failed(let error) = event {
            failure = error
          } else {
            gotEvents = true
            machine.noteProgress(resourceVersion: apply(event))
          }
        }
        if let failure { throw failure }
        if lines.isOverfull { throw KubeError(message: "a watch event has no end") }
      }
      return .watchEnded(gotEvents: gotEvents)
    } catch {
      if isOpen, error.transport?.kind == .timedOut {
        // Silence: the connection may be dead without knowing. Resuming costs one request.
        logger.debug(
          "watch was silent, opening it again", metadata: ["k8s.resource": "\(type.plural)"])
        return .watchEnded(gotEvents: gotEvents)
      }
      noteFailure(error, error.isExpired ? "watch is too old, listing again" : "watch failed")
      return .watchFailed(.init(error))
    }
  }

  private func next(of body: HTTPBody) async throws(KubeError) -> [UInt8]? {
    do throws(TransportError) {
      return try await body.next()
    } catch {
      throw KubeError(error)
    }
  }

  /// Brings an event into the store; returns the version that it moved the watch to.
  private func apply(_ event: WatchEvent) -> String {
    switch event {
    case .added(let object), .modified(let object):
      deliver(store.apply(object))
      return object.resourceVersion
    case .deleted(let object):
      if let change = store.remove(object.key, last: object) { onChange(change) }
      return object.resourceVersion
    case .bookmark(let version), .echo(let version): return version
    case .failed: return ""
    }
  }

  private func deliver(_ changes: [StoreChange]) {
    for change in changes { onChange(change) }
  }

  private func noteSuccess(_ change: (inout Status) -> Void) {
    let instant = now()
    state.withLock { state in
      state.status.lastContact = instant
      state.status.failures = 0
      state.status.lastError = nil
      state.status.isTypeMissing = false
      change(&state.status)
    }
  }

  private func noteFailure(_ error: KubeError, _ message: Logger.Message) {
    if Task.isCancelled || error.isCancelled { return }
    let failures = state.withLock { state in
      state.status.failures += 1
      state.status.lastError = error.description
      return state.status.failures
    }
    logger.log(
      level: error.isExpired ? .info : .warning, message,
      metadata: [
        "k8s.resource": "\(type.plural)", "error": "\(error)", "failures": "\(failures)",
      ])
  }

  /// Changes the state and wakes those who wait for the first list.
  private func release(_ change: (inout State) -> Void) {
    let waiters = state.withLock { state in
      change(&state)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
