import DiscordAPI
import Testing

/// The limits of a channel's name and topic, which no header shows.
private struct HiddenBench {
  var bench = LimiterBench()

  /// Two changes of each of so many channels' topics, a second apart from channel to channel.
  init(channels: Int) {
    for channel in 1...channels {
      for _ in 0..<2 { change(channel) }
      _ = bench.pass(.seconds(1))
    }
  }

  /// A change that Discord lets pass.
  mutating func change(_ channel: Int) {
    let (id, actions) = ask(channel)
    #expect(actions == [.start(id)])
    _ = bench.answer(id, headers("p", 50, 49, 15))
  }

  mutating func ask(
    _ channel: Int, fields: FieldGroups = .topic
  ) -> (id: UInt64, actions: [RateLimiter.Action]) {
    bench.ask("PATCH", "/channels/\(channel)", priority: .update, fields: fields)
  }
}

@Test func oneChangeFindsOutWhetherAHiddenLimitHoldsAndTheOthersWaitForTheirTime() {
  var hidden = HiddenBench(channels: 4)
  let thirds = (1...4).map { hidden.ask($0) }
  #expect(thirds[0].actions == [.start(thirds[0].id)])
  for third in thirds.dropFirst() { #expect(third.actions == []) }
  // What no hidden limit can hold goes on meanwhile.
  let other = hidden.ask(2, fields: .other)
  #expect(other.actions == [.start(other.id)])
  _ = hidden.bench.answer(other.id, headers("p", 50, 48, 15))
  let name = hidden.ask(3, fields: .name)
  #expect(name.actions == [.start(name.id)])
  _ = hidden.bench.answer(name.id, headers("p", 50, 48, 15))

  let actions = hidden.bench.limit(
    thirds[0].id, .sublimit, .seconds(596), headers("p", 50, 47, 15))
  // Ten minutes after the first change of each channel: they began a second apart, four seconds ago.
  for (index, third) in thirds.enumerated().dropFirst() {
    let after = isRequeued(actions, third.id)
    #expect(after == .milliseconds(596_000 + 1_000 * index + 150), "\(actions)")
  }
  #expect(hidden.bench.limiter.waitingCount == 0)
  // Whoever comes later is told at once.
  let late = hidden.ask(4)
  #expect(isRequeued(late.actions, late.id) == .milliseconds(599_150))
  _ = hidden.bench.pass(.seconds(600))
  hidden.change(4)
  hidden.change(4)
  let again = hidden.ask(4)
  #expect(isRequeued(again.actions, again.id) == .milliseconds(600_150))
}

@Test func whereNoHiddenLimitHoldsNobodyWaits() {
  var hidden = HiddenBench(channels: 3)
  let thirds = (1...3).map { hidden.ask($0) }
  #expect(thirds[1].actions == [] && thirds[2].actions == [])
  let started = hidden.bench.answer(thirds[0].id, headers("p", 50, 47, 15))
  #expect(Set(started) == [.start(thirds[1].id), .start(thirds[2].id)])
  for third in thirds.dropFirst() {
    _ = hidden.bench.answer(third.id, headers("p", 50, 47, 15))
  }
  for _ in 0..<5 { hidden.change(1) }
  // Discord changes its mind: from then on it holds.
  let (id, _) = hidden.ask(2)
  _ = hidden.bench.limit(id, .sublimit, .seconds(300), headers("p", 50, 47, 15))
  let other = hidden.ask(1)
  #expect(isRequeued(other.actions, other.id).map { $0 > .seconds(500) } == true)
}

@Test func whoseAnswerIsLostFindsOutNothingAndTheNextDoes() {
  var hidden = HiddenBench(channels: 3)
  let thirds = (1...3).map { hidden.ask($0) }
  #expect(
    hidden.bench.limiter.finished(thirds[0].id, .lost, at: hidden.bench.now)
      == [.start(thirds[1].id)])
  // A 429 of another kind says nothing either.
  let actions = hidden.bench.limit(thirds[1].id, .shared, .seconds(30))
  #expect(actions == [.start(thirds[2].id)])
}
