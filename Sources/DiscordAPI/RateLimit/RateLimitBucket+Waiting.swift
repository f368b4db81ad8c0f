extension RateLimitBucket {
  /// The time from which the bucket itself lets requests start again; nil when it does now or when
  /// only requests in flight hold it.
  var opensAt: ContinuousClock.Instant? {
    let reset = knowledge != .headerless && remaining == 0 ? resetAt : nil
    guard let blocked = blockedUntil else { return reset }
    return max(blocked, reset ?? blocked)
  }

  /// Whether time, and not only what is in flight, may keep some of those that wait.
  var mayHoldWaiters: Bool {
    if blockedUntil != nil { return true }
    guard resetAt != nil, knowsWindow || inFlight == 0 else { return false }
    return knowledge != .confirmed || remaining < waiting.count
  }

  /// When a request with so many before it would start; nil when time does not hold it.
  func predictedStart(
    ahead: Int, priority: RequestPriority, isArriving: Bool, _ now: ContinuousClock.Instant
  ) -> ContinuousClock.Instant? {
    // Room in this window is for who is here; promises are about windows to come.
    let room = opensAt == nil && knowledge == .confirmed ? remaining : 0
    guard let opening = opensAt ?? (knowledge == .confirmed ? resetAt : nil), ahead >= room else {
      return nil
    }
    // An answer that tells how long the window is will come: until then nothing can be promised.
    guard knowsWindow || inFlight == 0 || blockedUntil != nil else { return nil }
    // The windows to come have room for `limit` each, less what was promised of them; where requests
    // come back one by one, each of those is a window of its own.
    let share = refill.slot == nil ? max(1, limit ?? 1) : 1
    let window = refill.slot ?? window
    let isDue = isArriving && !credits.isEmpty
    let first = opening.advanced(by: .milliseconds(1))
    var promised: [Int: Int] = [:]
    for promise in promises where promise.priority <= priority && (!isDue || promise.at <= first) {
      promised[max(0, Int((opening.duration(to: promise.at) / window).rounded())), default: 0] += 1
    }
    var before = ahead - room
    var number = 0
    while true {
      let free = max(0, share - promised[number, default: 0])
      if before < free { return opening.advanced(by: window * number) }
      before -= free
      number += 1
    }
  }
}
