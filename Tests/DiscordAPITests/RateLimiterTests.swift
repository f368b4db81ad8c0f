import DiscordAPI
import Testing

@Test func unknownRouteGoesAloneUntilItsFirstAnswerThenUpToWhatRemains() {
  var bench = LimiterBench()
  let first = bench.ask("GET", "/guilds/1")
  #expect(first.actions == [.start(1)])
  for _ in 0..<5 { #expect(bench.ask("GET", "/guilds/1").actions == []) }
  let started = bench.answer(1, headers("h", 5, 3, 1))
  #expect(started == [.start(2), .start(3), .start(4)])
  // All of the window is used: the others wait for its end, and then one finds out.
  #expect(bench.answer(2, headers("h", 5, 2, 1)) == [])
  #expect(bench.answer(3, headers("h", 5, 1, 1)) == [])
  #expect(bench.answer(4, headers("h", 5, 0, 1)) == [])
  #expect(bench.pass(.milliseconds(1_049)) == [])
  #expect(bench.pass(.milliseconds(1)) == [.start(5)])
  #expect(bench.answer(5, headers("h", 5, 4, 1)) == [.start(6)])
}

@Test func answersOutOfOrderNeverRaiseWhatRemains() {
  var bench = LimiterBench()
  _ = bench.ask("GET", "/guilds/1")
  _ = bench.answer(1, headers("h", 5, 4, 1))
  for _ in 0..<4 { _ = bench.ask("GET", "/guilds/1") }
  // The last that Discord counted answers first; the older numbers that follow are the past.
  _ = bench.answer(5, headers("h", 5, 0, 1))
  _ = bench.answer(2, headers("h", 5, 3, 1))
  _ = bench.answer(3, headers("h", 5, 2, 1))
  #expect(bench.ask("GET", "/guilds/1").actions == [])
}

@Test func writesOfABucketGoInOrderOneAtATime() {
  var bench = LimiterBench()
  let path = "/guilds/1/channels"
  #expect(bench.ask("POST", path, priority: .createOrDelete).actions == [.start(1)])
  _ = bench.ask("POST", path, priority: .createOrDelete)
  _ = bench.ask("POST", path, priority: .createOrDelete)
  #expect(bench.answer(1, headers("c", 50, 49, 10)) == [.start(2)])
  #expect(bench.answer(2, headers("c", 50, 48, 10)) == [.start(3)])
  // Another guild's bucket is its own.
  #expect(bench.ask("POST", "/guilds/2/channels", guild: "2").actions == [.start(4)])
}

@Test func routeWithoutHeadersIsFastForReadsAndInOrderForWrites() {
  var bench = LimiterBench { $0.holdsUnannouncedGlobalLimit = false }
  _ = bench.ask("GET", "/channels/1")
  for channel in 2...30 { #expect(bench.ask("GET", "/channels/\(channel)").actions == []) }
  let started = bench.answer(1, RateLimitHeaders())
  #expect(started.count == 29)  // each channel has a bucket of its own
  for _ in 0..<40 { _ = bench.ask("GET", "/channels/99") }
  #expect(bench.limiter.waitingCount == 24)  // 16 of 40 at once
  _ = bench.ask("POST", "/guilds/1/roles")
  _ = bench.ask("POST", "/guilds/1/roles")
  _ = bench.ask("POST", "/guilds/1/roles")
  let creates = bench.answer(71, RateLimitHeaders())
  #expect(creates == [.start(72)])
}

@Test func globalWindowHoldsOverAllBuckets() {
  var bench = LimiterBench {
    $0.globalLimit = 3
    $0.tellingAnswers = 1
  }
  for guild in 1...5 {
    let (id, actions) = bench.ask("GET", "/guilds/\(guild)/roles/\(guild)", guild: "\(guild)")
    #expect((actions == [.start(id)]) == (guild <= 3))
    if guild <= 3 { _ = bench.answer(id, headers("r", 100, 99, 1)) }
  }
  #expect(
    bench.limiter.nextWakeUp(after: bench.now) == bench.now.advanced(by: .milliseconds(1_020)))
  #expect(bench.pass(.milliseconds(1_019)) == [])
  #expect(bench.pass(.milliseconds(1)).count == 2)
}

@Test func serverOnThisMachineIsWithoutGlobalLimitUntilItShowsOne() {
  var bench = LimiterBench {
    $0.globalLimit = 2
    $0.holdsUnannouncedGlobalLimit = false
  }
  for role in 1...4 {
    let (id, actions) = bench.ask("PATCH", "/guilds/\(role)/roles/1")
    #expect(actions == [.start(id)])
    _ = bench.answer(id, RateLimitHeaders())
  }
  // The first word of a limit, and all that has started counts.
  let (id, _) = bench.ask("GET", "/guilds/1")
  _ = bench.answer(id, headers("g", 5, 4, 1))
  #expect(bench.ask("GET", "/guilds/1").actions == [])
}

@Test func prioritiesGoFirstAndGuildsTakeTurns() {
  var bench = LimiterBench {
    $0.globalLimit = 1
    $0.maximumWait = .seconds(60)
  }
  _ = bench.ask("GET", "/users/@me", guild: "")
  // Guild 1 floods; guild 2 asks later; a creation later still.
  for role in 1...6 { _ = bench.ask("PATCH", "/guilds/1\(role)/roles/1", guild: "1") }
  for role in 1...2 { _ = bench.ask("PATCH", "/guilds/2\(role)/roles/1", guild: "2") }
  let create = bench.ask("DELETE", "/guilds/1/roles/5", guild: "1", priority: .createOrDelete)
  _ = bench.answer(1, RateLimitHeaders())
  var order: [UInt64] = []
  for _ in 0..<9 {
    for case .start(let id) in bench.pass(.milliseconds(1_120)) {
      order.append(id)
      _ = bench.answer(id, RateLimitHeaders())
    }
  }
  #expect(order.first == create.id)
  #expect(Array(order.dropFirst().prefix(4)) == [8, 2, 9, 3])
  #expect(order.count == 9)
}

@Test func whoComesFirstIsNotPassedByWhoIsLessUrgent() {
  var bench = LimiterBench { $0.maximumWait = .seconds(60) }
  _ = bench.ask("PATCH", "/channels/7", priority: .update)
  for priority in [RequestPriority.createOrDelete, .update, .poll] {
    _ = bench.ask("PATCH", "/channels/7", priority: priority)
  }
  var order: [UInt64] = []
  var running: UInt64 = 1
  for _ in 0..<3 {
    for case .start(let id) in bench.answer(running, RateLimitHeaders()) {
      order.append(id)
      running = id
    }
  }
  #expect(order == [2, 3, 4])
}

@Test func aLongLimitIsNotForgottenWhileNobodyAsks() {
  var bench = LimiterBench()
  _ = bench.ask("GET", "/channels/3")
  _ = bench.limit(1, .shared, .seconds(600))
  _ = bench.pass(.seconds(120))
  _ = bench.pass(.seconds(120))
  let (id, actions) = bench.ask("GET", "/channels/3")
  #expect(isRequeued(actions, id) == .milliseconds(360_050))
}

@Test func longWaitsAreHandedBackSpreadOverTheWindowsToCome() {
  var bench = LimiterBench()
  let path = "/channels/7"
  _ = bench.ask("PATCH", path, priority: .update)
  _ = bench.answer(1, headers("p", 5, 0, 10))
  var waits: [Duration] = []
  for _ in 0..<12 {
    let (id, actions) = bench.ask("PATCH", path, priority: .update)
    waits.append(isRequeued(actions, id) ?? .zero)
  }
  #expect(waits.prefix(5).allSatisfy { $0 == .milliseconds(10_050) })
  #expect(waits[5..<10].allSatisfy { $0 == .milliseconds(20_050) })
  #expect(waits[10..<12].allSatisfy { $0 == .milliseconds(30_050) })
  // They come back when they were told to, and all of the window is theirs.
  _ = bench.pass(.milliseconds(10_050))
  var ids: [UInt64] = []
  for _ in 0..<5 { ids.append(bench.ask("PATCH", path, priority: .update).id) }
  for (index, id) in ids.enumerated() {
    let actions = bench.answer(id, headers("p", 5, 4 - index, 10))
    #expect(actions == (index < 4 ? [.start(ids[index + 1])] : []))
  }
}

@Test func waitersAreHandedBackWhenTheirBucketTurnsOutToBeExhausted() {
  var bench = LimiterBench()
  for _ in 0..<4 { _ = bench.ask("POST", "/guilds/1/roles", priority: .createOrDelete) }
  // 250 in 48 hours, and somebody has used nearly all (discord-api-docs 1480).
  #expect(bench.answer(1, headers("r", 250, 1, 101_995)) == [.start(2)])
  let actions = bench.answer(2, headers("r", 250, 0, 101_995))
  #expect(isRequeued(actions, 3) == .milliseconds(101_995_050))
  #expect(isRequeued(actions, 4) == .milliseconds(101_995_050))
}

@Test func globalLimitPausesEveryRoute() {
  var bench = LimiterBench()
  _ = bench.ask("GET", "/guilds/1")
  _ = bench.limit(1, .global, .seconds(1))
  #expect(bench.ask("PATCH", "/channels/3").actions == [])
  #expect(
    bench.limiter.nextWakeUp(after: bench.now) == bench.now.advanced(by: .milliseconds(1_050)))
  #expect(bench.pass(.milliseconds(1_050)) == [.start(2)])
  _ = bench.limit(2, .global, .seconds(5))
  let (id, actions) = bench.ask("GET", "/users/@me")
  #expect(isRequeued(actions, id) == .milliseconds(5_050))
}

@Test func userLimitDrainsItsBucketOnly() {
  var bench = LimiterBench()
  _ = bench.ask("PATCH", "/channels/3")
  _ = bench.answer(1, headers("p", 999, 998, 1))
  _ = bench.ask("PATCH", "/channels/3")
  // The headers lied until the wall.
  _ = bench.limit(2, .user, .seconds(1), headers("p", 999, 0, 1))
  #expect(bench.ask("PATCH", "/channels/3").actions == [])
  #expect(bench.ask("PATCH", "/channels/4").actions == [.start(4)])
  #expect(bench.pass(.milliseconds(1_050)) == [.start(3)])
}

@Test func hiddenLimitParksOnlyTheFieldsThatItHolds() {
  var bench = LimiterBench()
  let path = "/channels/3"
  let first = bench.ask("PATCH", path, priority: .update, fields: [.name, .other])
  _ = bench.limit(first.id, .sublimit, .seconds(582), headers("p", 5, 4, 15))
  let name = bench.ask("PATCH", path, priority: .update, fields: .name)
  #expect(isRequeued(name.actions, name.id) == .milliseconds(582_050))
  let topic = bench.ask("PATCH", path, priority: .update, fields: .topic)
  #expect(topic.actions == [.start(topic.id)])
  _ = bench.answer(topic.id, headers("p", 5, 3, 15))
  let other = bench.ask("PATCH", path, priority: .update, fields: .other)
  #expect(other.actions == [.start(other.id)])
  let elsewhere = bench.ask("PATCH", "/channels/4", priority: .update, fields: .name)
  #expect(elsewhere.actions == [.start(elsewhere.id)])
  _ = bench.answer(other.id, headers("p", 5, 2, 15))
  _ = bench.pass(.seconds(583))
  #expect(bench.ask("PATCH", path, fields: .name).actions.count == 1)
}

@Test func sharedLimitDelaysItsBucket() {
  var bench = LimiterBench()
  _ = bench.ask("GET", "/channels/3")
  _ = bench.limit(1, .shared, .seconds(30))
  let (id, actions) = bench.ask("GET", "/channels/3")
  #expect(isRequeued(actions, id) == .milliseconds(30_050))
}

@Test func limitsInARowWidenTheMarginAndLackOfAWaitIsASecond() {
  var bench = LimiterBench()
  var waits: [Duration] = []
  for _ in 0..<4 {
    let (id, _) = bench.ask("PATCH", "/channels/3")
    _ = bench.limiter.finished(
      id, .limited(RateLimitNotice(scope: .user, wait: nil)), at: bench.now)
    _ = bench.ask("PATCH", "/channels/3")
    let wake = bench.limiter.nextWakeUp(after: bench.now) ?? bench.now
    waits.append(bench.now.duration(to: wake))
    for case .start(let next) in bench.pass(waits.last ?? .zero) {
      _ = bench.limiter.finished(next, .lost, at: bench.now)
    }
  }
  #expect(
    waits == [
      .milliseconds(1_050), .milliseconds(1_100), .milliseconds(1_200), .milliseconds(1_400),
    ])
}

@Test func missingChangedAndLyingHeadersStopNothing() {
  var bench = LimiterBench()
  _ = bench.ask("PATCH", "/channels/3")
  _ = bench.answer(1, headers("a", 5, 4, 2))
  // Another hash from now on.
  _ = bench.ask("PATCH", "/channels/3")
  _ = bench.answer(2, headers("b", 2, 1, 1))
  #expect(bench.ask("PATCH", "/channels/3").actions == [.start(3)])
  // Nothing left, and no word about when.
  var silent = RateLimitHeaders()
  silent.bucket = "b"
  silent.remaining = 0
  _ = bench.answer(3, silent)
  _ = bench.ask("PATCH", "/channels/3")
  let wake = bench.limiter.nextWakeUp(after: bench.now)
  #expect(wake != nil)
  #expect(bench.pass(.seconds(3)) == [.start(4)])
  // Headers vanish: three silent answers, and the route counts as one without.
  _ = bench.answer(4, RateLimitHeaders())
  var silentAnswers = 0
  for _ in 0..<10 {
    let (id, actions) = bench.ask("PATCH", "/channels/3")
    if actions == [.start(id)] {
      _ = bench.answer(id, RateLimitHeaders())
      silentAnswers += 1
    } else {
      for case .start(let late) in bench.pass(.seconds(3)) {
        _ = bench.answer(late, RateLimitHeaders())
      }
    }
  }
  #expect(silentAnswers >= 7)
}

@Test func lostAnswersAndCancelledWaitersHoldNobody() {
  var bench = LimiterBench()
  _ = bench.ask("GET", "/guilds/1")
  _ = bench.ask("GET", "/guilds/1")
  _ = bench.ask("GET", "/guilds/1")
  #expect(bench.limiter.cancelled(2, at: bench.now) == [])
  #expect(bench.limiter.finished(1, .lost, at: bench.now) == [.start(3)])
  #expect(bench.limiter.waitingCount == 0)
  #expect(bench.limiter.nextWakeUp(after: bench.now) == nil)
}

@Test func bucketsThatSayNothingAnyMoreAreForgotten() {
  var bench = LimiterBench { $0.globalLimit = 10_000 }
  for channel in 1...500 {
    let (id, _) = bench.ask("PATCH", "/channels/\(channel)")
    _ = bench.answer(id, headers("p", 5, 4, 5))
  }
  #expect(bench.limiter.snapshots(at: bench.now).count >= 500)
  _ = bench.pass(.seconds(61))
  _ = bench.pass(.seconds(61))
  #expect(bench.limiter.snapshots(at: bench.now).isEmpty)
}
