import Engine
import JSONValue
import Synchronization
import Testing

/// A clock whose sleeps end when the test says so.
private final class HeldClock: Sendable {
  private let sleeps: AsyncStream<Void>
  private let sleeping: AsyncStream<Void>.Continuation
  private let releases: AsyncStream<Void>
  private let releasing: AsyncStream<Void>.Continuation

  init() {
    (sleeps, sleeping) = AsyncStream.makeStream()
    (releases, releasing) = AsyncStream.makeStream()
  }

  var source: TimeSource {
    TimeSource(
      origin: .now, uptime: { .zero }, wallMilliseconds: { 0 },
      sleep: { _ in
        self.sleeping.yield()
        for await _ in self.releases { return }
        throw CancellationError()
      })
  }

  func untilAsleep() async { for await _ in sleeps { return } }
  func wake() { releasing.yield() }
}

@Suite("The feed of the status page")
struct StatusFeedTests {
  private let clock = HeldClock()
  private let computed = Counter()

  private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func next() -> Int {
      value.withLock {
        $0 += 1
        return $0
      }
    }
  }

  private func feed(maximumViewers: Int = 3) -> StatusFeed {
    var configuration = StatusFeed.Configuration()
    configuration.maximumViewers = maximumViewers
    let computed = computed
    return StatusFeed(configuration: configuration, time: clock.source) {
      ["number": .integer(Int64(computed.next())), "text": "a\nb"]
    }
  }

  private func first(of viewing: StatusFeed.Viewing) async -> String? {
    for await frame in viewing.frames { return String(decoding: frame, as: UTF8.self) }
    return nil
  }

  @Test("a frame is one event, whatever line breaks its texts have")
  func form() async throws {
    let feed = feed()
    let viewing = try feed.join()
    let running = Task { await feed.run() }
    #expect(
      await first(of: viewing)
        == "retry: 2000\nevent: state\ndata: {\"number\":1,\"text\":\"a\\nb\"}\n\n")
    running.cancel()
    await running.value
  }

  @Test("it computes once an interval for all viewers, and gives a late one the last frame")
  func sharing() async throws {
    let feed = feed()
    let running = Task { await feed.run() }
    let (one, two) = (try feed.join(), try feed.join())
    await clock.untilAsleep()
    #expect(await first(of: one)?.contains("\"number\":1") == true)
    #expect(await first(of: two)?.contains("\"number\":1") == true)
    let late = try feed.join()
    #expect(await first(of: late)?.contains("\"number\":1") == true)
    #expect(computed.count == 1)
    clock.wake()
    await clock.untilAsleep()
    for viewing in [one, two, late] {
      #expect(await first(of: viewing)?.contains("\"number\":2") == true)
    }
    #expect(computed.count == 2)
    running.cancel()
    await running.value
  }

  @Test("it computes nothing while nobody looks, and shows nothing old to the next one")
  func idle() async throws {
    let feed = feed()
    let running = Task { await feed.run() }
    let viewing = try feed.join()
    await clock.untilAsleep()
    feed.leave(viewing)
    #expect(feed.viewerCount == 0)
    clock.wake()
    // The next one may join before or after the feed has noticed that nobody looks; a frame that was
    // made after he came is due in either case.
    let next = try feed.join()
    await clock.untilAsleep()
    #expect(computed.count == 2)
    #expect(await first(of: next)?.contains("\"number\":2") == true)
    running.cancel()
    await running.value
  }

  @Test("it refuses viewers beyond the maximum until one leaves")
  func maximum() throws {
    let feed = feed(maximumViewers: 1)
    let viewing = try feed.join()
    #expect(throws: StatusFeed.Refusal.tooManyViewers(maximum: 1)) { try feed.join() }
    feed.leave(viewing)
    _ = try feed.join()
  }

  @Test("its end ends every viewing and lets nobody in")
  func ending() async throws {
    let feed = feed()
    let running = Task { await feed.run() }
    let viewing = try feed.join()
    await clock.untilAsleep()
    running.cancel()
    await running.value
    var frames = 0
    for await _ in viewing.frames { frames += 1 }
    #expect(frames <= 1)
    #expect(throws: StatusFeed.Refusal.ending) { try feed.join() }
  }
}
