import DiscordAPI
import Testing

/// A server that enforces what its headers say, with latency both ways, in virtual time.
private struct Server {
  enum Mode: CaseIterable { case fixed, sliding }

  let mode: Mode
  let limit: Int
  let window: Double
  var fixed: [String: (count: Int, end: Double)] = [:]
  /// Sliding: the time at which the bucket would be full again (GCRA).
  var full: [String: Double] = [:]
  var arrivals: [Double] = []
  var refused = 0
  var busiestSecond = 0

  mutating func arrive(_ key: String, _ time: Double) -> (RateLimitHeaders, isRefused: Bool) {
    arrivals.append(time)
    busiestSecond = max(busiestSecond, arrivals.suffix(200).count { $0 > time - 1 })
    var headers = RateLimitHeaders()
    headers.bucket = String(key.prefix { $0 != "|" })
    headers.limit = limit
    switch mode {
    case .fixed:
      var state = fixed[key] ?? (0, time + window)
      if state.end <= time { state = (0, time + window) }
      guard state.count < limit else {
        refused += 1
        headers.remaining = 0
        headers.resetAfter = .seconds(state.end - time)
        return (headers, true)
      }
      state.count += 1
      fixed[key] = state
      headers.remaining = limit - state.count
      headers.resetAfter = .seconds(state.end - time)
    case .sliding:
      let slot = window / Double(limit)
      let base = max(full[key] ?? time, time)
      guard base + slot - time <= window + 1e-9 else {
        refused += 1
        headers.remaining = 0
        headers.resetAfter = .seconds(base - time)
        return (headers, true)
      }
      full[key] = base + slot
      headers.remaining = Int(((window - (base + slot - time)) / slot + 1e-9).rounded(.down))
      headers.resetAfter = .seconds(base + slot - time)
    }
    return (headers, false)
  }
}

private struct Generator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 31)
  }
}

/// Runs all requests through a limiter against the server; requests that are handed back return
/// when they were told to. Gives the virtual seconds that it took.
private func run(
  _ server: inout Server, _ requests: [(method: String, path: String, guild: String)], seed: UInt64,
  way: Range<Double> = 0.02..<0.03
) -> Double {
  enum Event {
    case ask(Int)
    case arrive(UInt64, Int)
    case answer(UInt64, Int, RateLimitHeaders, Bool)
    case wake
  }
  var limiter = RateLimiter()
  var random = Generator(state: seed)
  let origin = ContinuousClock.now
  var events: [(at: Double, order: Int, event: Event)] = []
  var order = 0
  var time = 0.0
  var done = 0
  var requestOf: [UInt64: Int] = [:]
  var lastID: UInt64 = 0
  var woken = -1.0

  func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
  func push(_ at: Double, _ event: Event) {
    order += 1
    let entry = (at: at, order: order, event: event)
    let place = events.firstIndex { ($0.at, $0.order) < (at, order) } ?? events.count
    events.insert(entry, at: place)
  }
  func perform(_ actions: [RateLimiter.Action]) {
    for action in actions {
      switch action {
      case .start(let id):
        let latency = Double.random(in: way, using: &random)
        push(time + latency, .arrive(id, requestOf[id] ?? 0))
      case .requeue(let id, let after, _):
        push(time + seconds(after), .ask(requestOf[id] ?? 0))
      }
    }
    let now = origin.advanced(by: .seconds(time))
    if let wake = limiter.nextWakeUp(after: now) {
      let at = seconds(origin.duration(to: wake)) + 1e-6
      if woken <= time || at < woken {
        woken = at
        push(at, .wake)
      }
    }
  }

  for index in requests.indices { push(0, .ask(index)) }
  while let next = events.popLast(), done < requests.count {
    time = next.at
    let now = origin.advanced(by: .seconds(time))
    switch next.event {
    case .ask(let index):
      lastID += 1
      requestOf[lastID] = index
      let (method, path, guild) = requests[index]
      let ask = RateLimiter.Ask(
        id: lastID, route: Route(method: method, path: path), guild: guild,
        priority: method == "GET" ? .poll : .createOrDelete)
      perform(limiter.asked(ask, at: now))
    case .arrive(let id, let index):
      let route = Route(method: requests[index].method, path: requests[index].path)
      let (headers, isRefused) = server.arrive(route.template + "|" + route.major, time)
      let latency = Double.random(in: way, using: &random)
      push(time + latency, .answer(id, index, headers, isRefused))
    case .answer(let id, let index, let headers, let isRefused):
      if isRefused {
        let notice = RateLimitNotice(scope: .user, wait: headers.resetAfter, headers: headers)
        let actions = limiter.finished(id, .limited(notice), at: now)
        push(time, .ask(index))
        perform(actions)
      } else {
        done += 1
        perform(limiter.finished(id, .answered(headers), at: now))
      }
    case .wake:
      woken = -1
      perform(limiter.timePassed(at: now))
    }
  }
  return done == requests.count ? time : .infinity
}

@Test(arguments: [1, 2, 3] as [UInt64], [true, false])
func noLimitThatWasAnnouncedIsEverHitAndTheAllowedRateIsUsed(seed: UInt64, sliding: Bool) {
  var server = Server(mode: sliding ? .sliding : .fixed, limit: 5, window: 5)
  var requests: [(method: String, path: String, guild: String)] = []
  for guild in 1...5 {
    for _ in 0..<100 { requests.append(("POST", "/guilds/\(guild)/channels", "\(guild)")) }
    for _ in 0..<20 { requests.append(("GET", "/guilds/\(guild)/roles/9", "\(guild)")) }
  }
  let time = run(&server, requests, seed: seed)
  #expect(server.refused == 0)
  #expect(server.busiestSecond <= 50)
  // 100 creates of one guild at 5 in 5 s: 95 s until the last window opens. Where they come back one
  // by one no time is lost; of a window the way there and back is.
  #expect(time >= 95)
  #expect(time < 95 * (sliding ? 1.005 : 1.03), "\(time)")
}

/// The server counts arrivals: those that travel slowly and those that travel fast come closer together
/// than they left.
@Test(arguments: [4, 6] as [UInt64], [0.02..<0.03, 0.01..<0.06])
func globalWindowIsUsedButNeverExceeded(seed: UInt64, way: Range<Double>) {
  var server = Server(mode: .fixed, limit: 1_000, window: 5)
  var requests: [(method: String, path: String, guild: String)] = []
  for guild in 1...20 {
    for role in 1...50 { requests.append(("PATCH", "/guilds/\(guild)/roles/\(role)", "\(guild)")) }
  }
  let time = run(&server, requests, seed: seed, way: way)
  #expect(server.refused == 0)
  #expect(server.busiestSecond <= 50)
  // 1,000 at 50 a second: 19 s until the last 50 may start, and in each of them the mean of what the
  // ways there and back are longer than the shortest.
  let spread = way.upperBound - way.lowerBound
  #expect(time < 19 * (1.04 + spread) + 0.1 + way.upperBound * 2)
}
