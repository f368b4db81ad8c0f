package import HTTPTransport
import Synchronization

/// Speaks to Discord with one token: obeys its limits, retries what is safe, opens circuit breakers,
/// and gives answers or a `DiscordError` that says who may go on and when.
///
/// For another token another client is made; clients of one host share a `DiscordAddress`.
package final class DiscordClient: Sendable {
  /// How waiting for the limits ended.
  enum Admission: Sendable {
    case start
    case requeue(Duration, String)
    case tokenRefused
    case cancelled
  }

  /// Someone who waits for the limiter's word: it may come before the continuation is there.
  enum Slot {
    case asked
    case awaited(CheckedContinuation<Admission, Never>)
    case decided(Admission)
  }

  struct State {
    var limiter: RateLimiter
    var breakers: [String: CircuitBreaker] = [:]
    var isTokenRefused = false
    var lastID: UInt64 = 0
    var slots: [UInt64: Slot] = [:]
    var wakeUp: ContinuousClock.Instant?
    var timer: Task<Void, Never>?
  }

  let baseURL: DiscordBaseURL
  let token: DiscordToken
  let transport: any Transport
  let address: DiscordAddress
  let time: DiscordTime
  let random: @Sendable () -> Double
  let observer: DiscordObserver
  let configuration: DiscordClientConfiguration
  let state: Mutex<State>

  /// A client. `random` gives numbers in 0 ..< 1 for jitter.
  package init(
    baseURL: DiscordBaseURL = .discord, token: DiscordToken, transport: any Transport,
    address: DiscordAddress = DiscordAddress(), time: DiscordTime = .continuous,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
    observer: DiscordObserver = DiscordObserver(),
    configuration: DiscordClientConfiguration = DiscordClientConfiguration()
  ) {
    self.baseURL = baseURL
    self.token = token
    self.transport = transport
    self.address = address
    self.time = time
    self.random = random
    self.observer = observer
    self.configuration = configuration
    var limits = configuration.limits
    // A server on this machine may be one without limits: it is believed once it shows a header.
    if baseURL.isLoopback { limits.holdsUnannouncedGlobalLimit = false }
    state = Mutex(State(limiter: RateLimiter(configuration: limits)))
  }

  deinit {
    state.withLock { $0.timer?.cancel() }
  }

  /// Lets the next request of a resource type be the probe of its open breaker; false when that is
  /// not open.
  package func endCoolDown(of resourceType: String) -> Bool {
    let isEnded = state.withLock { $0.breakers[resourceType]?.endCoolDown() ?? false }
    if isEnded { observer.breakerChanged(resourceType, .init(from: .open, to: .halfOpen)) }
    return isEnded
  }

  /// Performs a request as soon as the limits allow. A 404 of a DELETE whose object is gone is an
  /// answer like any other; every other 4xx throws `.answered`.
  package func send(_ request: DiscordRequest) async throws(DiscordError) -> DiscordResponse {
    try await send(request, before: nil)
  }

  /// Throws what `send` would throw at once without sending: for the caller that has something to
  /// write down before a POST and need not if the POST's turn is minutes away.
  package func checkAdmission(_ request: DiscordRequest) throws(DiscordError) {
    let call = try prepare(request)
    try checkOpen(call)
    let now = time.now()
    let refusal = state.withLock { $0.limiter.refusal(call.ask, at: now) }
    if case .requeue(_, let wait, let reason) = refusal {
      throw DiscordError.requeue(after: wait, reason: reason)
    }
  }

  /// Whether Discord refused the token: nothing is sent any more.
  package var isTokenRefused: Bool { state.withLock { $0.isTokenRefused } }

  /// What the client knows now.
  package func snapshot() -> DiscordClientState {
    let now = time.now()
    let (count, level, pause) = address.snapshot(at: now)
    return state.withLock { state in
      let use = state.limiter.globalUse(at: now)
      return DiscordClientState(
        baseURL: baseURL.text, isTokenRefused: state.isTokenRefused,
        buckets: state.limiter.snapshots(at: now),
        breakers: state.breakers.map { type, breaker in
          DiscordClientState.Breaker(
            resourceType: type, phase: breaker.phase, failuresInARow: breaker.failuresInARow,
            openFor: breaker.openFor(at: now), openSince: breaker.openSince(at: now),
            coolDown: breaker.coolDown)
        }.sorted { $0.resourceType < $1.resourceType },
        globalUsed: use.used, globalLimit: use.limit, globalPausedFor: use.pausedFor,
        waiting: state.limiter.waitingCount, invalidRequests: count, invalidRequestLevel: level,
        addressPausedFor: pause)
    }
  }

  func prepare(_ request: DiscordRequest) throws(DiscordError) -> PreparedCall {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return try PreparedCall(
      request, id: id, baseURL: baseURL, token: token, configuration: configuration)
  }
}

extension DiscordClient: CustomStringConvertible, CustomReflectable {
  package var description: String { "DiscordClient(\(baseURL.text))" }
  package var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL.text]) }
}
