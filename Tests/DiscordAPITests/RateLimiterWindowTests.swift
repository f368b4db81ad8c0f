import DiscordAPI
import Testing

private let path = "/guilds/1/channels"

/// A limit of 5 in 5 s whose requests come back one by one, a second each, and answers that take
/// `travel` each.
private struct Slots {
  var bench = LimiterBench()
  let travel = Duration.milliseconds(100)
  /// When all would be back, on the server's side.
  private var full: Duration = .zero
  private var now: Duration = .zero

  /// Starts a request (`id` when it was waiting) and answers it. Gives what starts then.
  mutating func exchange(_ id: UInt64? = nil) -> [RateLimiter.Action] {
    let started = id ?? bench.ask("POST", path, priority: .createOrDelete).id
    full = max(full, now) + .seconds(1)
    let after = full - now
    let remaining = Int((Duration.seconds(5) - after) / .seconds(1))
    _ = pass(travel)
    // Seconds with three decimals, rounded up, as Discord writes them.
    return bench.answer(
      started, headers("s", 5, remaining, (after / .milliseconds(1)).rounded(.up) / 1_000))
  }

  @discardableResult
  mutating func pass(_ time: Duration) -> [RateLimiter.Action] {
    now += time
    return bench.pass(time)
  }
}

@Test func requestsThatComeBackOneByOneAreUsedOneByOne() {
  var slots = Slots()
  for _ in 0..<5 { _ = slots.exchange() }
  // Half a second of the first slot has passed on the way; then one comes back each second.
  let first = slots.bench.ask("POST", path, priority: .createOrDelete)
  let second = slots.bench.ask("POST", path, priority: .createOrDelete)
  #expect(first.actions == [] && second.actions == [])
  #expect(slots.pass(.milliseconds(500)) == [])
  #expect(slots.pass(.milliseconds(120)) == [.start(first.id)])
  #expect(slots.exchange(first.id) == [])
  #expect(slots.pass(.milliseconds(780)) == [])
  #expect(slots.pass(.milliseconds(120)) == [.start(second.id)])
}

@Test func thoseHandedBackComeSlotBySlot() {
  var slots = Slots()
  for _ in 0..<5 { _ = slots.exchange() }
  var waits: [Double] = []
  for _ in 0..<6 {
    let (id, actions) = slots.bench.ask("POST", path, priority: .createOrDelete)
    if let wait = isRequeued(actions, id) { waits.append(wait / .milliseconds(1)) }
  }
  // Two wait inside for the slots in 0.6 s and 1.6 s.
  #expect(waits.count == 4)
  for (number, wait) in waits.enumerated() {
    #expect(abs(wait - 2_600 - Double(number) * 1_000) < 30, "\(waits)")
  }
}

@Test func whatWasNotUsedIsThereWhenItIsWanted() {
  var slots = Slots()
  for _ in 0..<5 { _ = slots.exchange() }
  // 2.5 s after the last answer the slots of 2 s have come back, and one goes to find out.
  slots.pass(.milliseconds(2_500))
  let ids = (0..<4).map { _ in slots.bench.ask("POST", path, priority: .createOrDelete).id }
  #expect(slots.exchange(ids[0]) == [.start(ids[1])])
  #expect(slots.exchange(ids[1]) == [.start(ids[2])])
  #expect(slots.exchange(ids[2]) == [])
  #expect(slots.bench.limiter.waitingCount == 1)
}

@Test func answersThatAreLostHoldNoSlotForEver() {
  var slots = Slots()
  for _ in 0..<5 { _ = slots.exchange() }
  let first = slots.bench.ask("POST", path, priority: .createOrDelete).id
  let second = slots.bench.ask("POST", path, priority: .createOrDelete).id
  #expect(slots.pass(.seconds(1)) == [.start(first)])
  let actions = slots.bench.limiter.finished(first, .lost, at: slots.bench.now)
  #expect(actions == [])
  let wake = slots.bench.limiter.nextWakeUp(after: slots.bench.now)
  #expect(wake.map { slots.bench.now.duration(to: $0) < .seconds(5) } == true)
  #expect(slots.pass(.seconds(5)) == [.start(second)])
}

@Test func slotsAreGivenUpWhenA429RefutesThem() {
  var slots = Slots()
  for _ in 0..<5 { _ = slots.exchange() }
  let early = slots.bench.ask("POST", path, priority: .createOrDelete).id
  #expect(slots.pass(.milliseconds(700)) == [.start(early)])
  _ = slots.bench.limit(early, .user, .seconds(4), headers("s", 5, 0, 4))
  slots.pass(.seconds(10))
  for _ in 0..<5 { _ = slots.exchange() }
  let (id, actions) = slots.bench.ask("POST", path, priority: .createOrDelete)
  #expect(isRequeued(actions, id).map { $0 > .seconds(4) } == true, "\(actions)")
}

/// A window of 5 in 5 s, of which `answers` are the times that it still has, with 100 ms between.
private func window(_ answers: [(remaining: Int, after: Double)]) -> LimiterBench {
  var bench = LimiterBench()
  for (remaining, after) in answers {
    let id = bench.ask("POST", path, priority: .createOrDelete).id
    _ = bench.pass(.milliseconds(100))
    _ = bench.answer(id, headers("w", 5, remaining, after))
  }
  return bench
}

private func wait(_ bench: LimiterBench) -> Duration? {
  var bench = bench
  _ = bench.ask("POST", path, priority: .createOrDelete)
  return bench.limiter.nextWakeUp(after: bench.now).map { bench.now.duration(to: $0) }
}

@Test func aWindowIsNotTakenForSlots() {
  // The last answer's window has 1.5 s, and 10 ms beyond the way there and back.
  #expect(wait(window([(2, 1.7), (1, 1.6), (0, 1.5)])) == .milliseconds(1_510))
  // A longer time left is no proof when a new window may have begun: somebody else used two of it.
  #expect(wait(window([(4, 0.15), (2, 1.9), (0, 1.8)])) == .milliseconds(1_810))
  // Nor is one that grows although as much remains.
  #expect(wait(window([(3, 1.0), (3, 1.5), (0, 1.4)])) == .milliseconds(1_410))
}

@Test func ofSeveralWordsOnAWindowsEndTheEarliestIsRight() {
  // Each is right when it was made; the second answer travelled 80 ms longer than the first.
  #expect(wait(window([(1, 1.7), (0, 1.68)])) == .milliseconds(1_610))
  // Another window ends later.
  #expect(wait(window([(4, 0.2), (0, 1.9)])) == .milliseconds(1_910))
}

@Test func theWayThereAndBackCountsTowardsTheMargin() {
  func rest(travel: Duration) -> Duration? {
    var bench = LimiterBench()
    let id = bench.ask("POST", path).id
    _ = bench.pass(travel)
    _ = bench.answer(id, headers("w", 5, 0, 1))
    return wait(bench)
  }
  #expect(rest(travel: .zero) == .milliseconds(1_050))
  #expect(rest(travel: .milliseconds(30)) == .milliseconds(1_020))
  #expect(rest(travel: .milliseconds(300)) == .milliseconds(1_010))
}

@Test func whoWasLiedToCountsHisOwnRequests() {
  var bench = LimiterBench()
  var started = 0
  /// Asks until nothing starts; the server says that plenty is left, until the sixth of a window.
  func useWindow(_ guild: Int, wall: Bool) {
    for number in 1...9 {
      let (id, actions) = bench.ask(
        "POST", "/guilds/\(guild)/channels", priority: .createOrDelete)
      guard actions == [.start(id)] else {
        _ = bench.limiter.cancelled(id, at: bench.now)
        return
      }
      started += 1
      if wall, number == 6 {
        _ = bench.limit(id, .user, .seconds(1), headers("l", 5, 0, 1))
      } else {
        _ = bench.answer(id, headers("l", 5, 4, 1))
      }
    }
  }
  useWindow(1, wall: true)
  #expect(started == 6)
  for _ in 0..<3 {
    _ = bench.pass(.milliseconds(1_100))
    started = 0
    useWindow(1, wall: false)
    #expect(started == 5)
  }
  // What one bucket has shown holds for the others of its hash.
  started = 0
  useWindow(2, wall: false)
  #expect(started == 5)
}

@Test func aRequestThatMayHaveBeenLateKeepsItsPlaceLonger() {
  var bench = LimiterBench {
    $0.globalLimit = 1
    $0.tellingAnswers = 2
  }
  // How long its place is kept, when its answer takes so long.
  func kept(_ travel: Duration, isLost: Bool = false) -> Duration? {
    let (id, actions) = bench.ask("PATCH", "/channels/3")
    #expect(actions == [.start(id)])
    let start = bench.now
    _ = bench.pass(travel)
    if isLost {
      _ = bench.limiter.finished(id, .lost, at: bench.now)
    } else {
      _ = bench.answer(id, headers("p", 100, 99, 60))
    }
    _ = bench.ask("PATCH", "/channels/3")
    let end = bench.limiter.nextWakeUp(after: bench.now)
    _ = bench.limiter.cancelled(bench.lastID, at: bench.now)
    _ = bench.pass(.seconds(2))
    return end.map { start.duration(to: $0) }
  }
  // Nobody knows yet what is fast.
  #expect(kept(.milliseconds(40)) == .milliseconds(1_120))
  #expect(kept(.milliseconds(40)) == .milliseconds(1_020))
  #expect(kept(.milliseconds(70)) == .milliseconds(1_050))
  #expect(kept(.milliseconds(900)) == .milliseconds(1_120))
  #expect(kept(.milliseconds(10), isLost: true) == .milliseconds(1_120))
  #expect(kept(.milliseconds(30)) == .milliseconds(1_020))
}
