import Synchronization

extension DiscordClient {
  /// Throws when nothing of the kind may be sent now, whatever the rate limits say.
  func checkOpen(_ call: PreparedCall) throws(DiscordError) {
    let now = time.now()
    let type = call.request.resourceType
    let (isRefused, wait) = state.withLock {
      ($0.isTokenRefused, $0.breakers[type]?.refusal(at: now))
    }
    if isRefused { throw DiscordError.unauthorized }
    if let wait { throw DiscordError.circuitOpen(resourceType: type, retryAfter: wait) }
  }

  /// Returns once the request may be sent, with the breaker's pass.
  func admit(_ call: PreparedCall) async throws(DiscordError) -> CircuitBreaker.Pass {
    try checkOpen(call)
    switch await waitForLimits(call) {
    case .start: break
    case .requeue(let wait, let reason):
      observer.requeued(call.route.template, wait, reason)
      throw DiscordError.requeue(after: wait, reason: reason)
    case .tokenRefused: throw DiscordError.unauthorized
    case .cancelled: throw DiscordError.cancelled(mayHaveBeenPerformed: false)
    }
    return try clear(call)
  }

  /// The last look before sending: much may have happened while the request waited.
  private func clear(_ call: PreparedCall) throws(DiscordError) -> CircuitBreaker.Pass {
    let now = time.now()
    let type = call.request.resourceType
    var refusal: DiscordError?
    if let (wait, reason) = address.wait(
      for: call.request.priority, isTokenCheck: call.isTokenCheck, at: now)
    {
      observer.requeued(call.route.template, wait, reason)
      refusal = .requeue(after: wait, reason: reason)
    }
    let (admission, transition) = state.withLock {
      state -> (CircuitBreaker.Admission?, CircuitBreaker.Transition?) in
      if state.isTokenRefused { refusal = .unauthorized }
      guard refusal == nil else { return (nil, nil) }
      var breaker =
        state.breakers[type] ?? CircuitBreaker(configuration: configuration.breaker)
      let result = breaker.admit(at: now)
      state.breakers[type] = breaker
      return result
    }
    if let transition { observer.breakerChanged(type, transition) }
    switch admission {
    case .admitted(let pass): return pass
    case .refused(let wait): refusal = .circuitOpen(resourceType: type, retryAfter: wait)
    case nil: break
    }
    tell { $0.limiter.finished(call.ask.id, .lost, at: now) }
    throw refusal ?? .unauthorized
  }

  private func waitForLimits(_ call: PreparedCall) async -> Admission {
    let id = call.ask.id
    let asked = time.now()
    tell { state in
      guard !state.isTokenRefused else {
        state.slots[id] = .decided(.tokenRefused)
        return []
      }
      state.slots[id] = .asked
      return state.limiter.asked(call.ask, at: asked)
    }
    if let admission = takeDecision(id) { return admission }
    observer.waitBegan()
    defer { observer.waitEnded() }
    let admission = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let admission = state.withLock { state -> Admission? in
          if case .decided(let admission)? = state.slots[id] {
            state.slots[id] = nil
            return admission
          }
          state.slots[id] = .awaited(continuation)
          return nil
        }
        if let admission {
          continuation.resume(returning: admission)
        } else if Task.isCancelled {
          giveUp(id)
        }
      }
    } onCancel: {
      giveUp(id)
    }
    let waited = asked.duration(to: time.now())
    if waited > .zero {
      observer.limiterWaited(call.route.template, call.request.priority, waited)
    }
    return admission
  }

  private func takeDecision(_ id: UInt64) -> Admission? {
    state.withLock { state in
      guard case .decided(let admission)? = state.slots[id] else { return nil }
      state.slots[id] = nil
      return admission
    }
  }

  /// The task of a waiting request was cancelled.
  private func giveUp(_ id: UInt64) {
    let now = time.now()
    var continuation: CheckedContinuation<Admission, Never>?
    tell { state in
      guard case .awaited(let found)? = state.slots[id] else { return [] }
      continuation = found
      state.slots[id] = nil
      return state.limiter.cancelled(id, at: now)
    }
    continuation?.resume(returning: .cancelled)
  }

  /// Changes the limiter, then performs what it says outside the lock.
  func tell(_ event: (inout State) -> [RateLimiter.Action]) {
    let resumptions = state.withLock { state in
      let actions = event(&state)
      let resumptions = Self.decide(actions, &state)
      schedule(&state)
      return resumptions
    }
    for (continuation, admission) in resumptions { continuation.resume(returning: admission) }
  }

  private static func decide(
    _ actions: [RateLimiter.Action], _ state: inout State
  ) -> [(CheckedContinuation<Admission, Never>, Admission)] {
    var resumptions: [(CheckedContinuation<Admission, Never>, Admission)] = []
    for action in actions {
      let id: UInt64
      let admission: Admission
      switch action {
      case .start(let started): (id, admission) = (started, .start)
      case .requeue(let refused, let wait, let reason):
        (id, admission) = (refused, .requeue(wait, reason))
      }
      if case .awaited(let continuation)? = state.slots[id] {
        state.slots[id] = nil
        resumptions.append((continuation, admission))
      } else {
        state.slots[id] = .decided(admission)
      }
    }
    return resumptions
  }

  /// Keeps one timer for the first time at which something that waits may start.
  private func schedule(_ state: inout State) {
    let now = time.now()
    guard let wakeUp = state.limiter.nextWakeUp(after: now) else { return }
    if let planned = state.wakeUp, planned > now, planned <= wakeUp { return }
    state.wakeUp = wakeUp
    state.timer?.cancel()
    let sleep = time.sleep
    state.timer = Task { [weak self] in
      await sleep(wakeUp)
      guard !Task.isCancelled else { return }
      self?.wake()
    }
  }

  private func wake() {
    let now = time.now()
    tell { state in
      state.wakeUp = nil
      return state.limiter.timePassed(at: now)
    }
  }

  /// Discord refused the token: all that wait go home.
  func refuseToken() {
    let now = time.now()
    let (isNews, waiting) = state.withLock {
      state -> (Bool, [CheckedContinuation<Admission, Never>]) in
      let isNews = !state.isTokenRefused
      state.isTokenRefused = true
      var waiting: [CheckedContinuation<Admission, Never>] = []
      for (id, slot) in state.slots {
        guard case .awaited(let continuation) = slot else { continue }
        _ = state.limiter.cancelled(id, at: now)
        state.slots[id] = nil
        waiting.append(continuation)
      }
      return (isNews, waiting)
    }
    for continuation in waiting { continuation.resume(returning: .tokenRefused) }
    if isNews { observer.tokenRefused() }
  }
}
