import Engine
import Synchronization
import Testing

@Suite struct WorkPoolTests {
  /// Jobs that have begun, each with a door that lets it end.
  private final class Jobs: Sendable {
    private struct State {
      var begun: Set<String> = []
      var ends: [String: CheckedContinuation<Void, Never>] = [:]
      var wanted: (count: Int, CheckedContinuation<Set<String>, Never>)?
    }
    private let state = Mutex(State())

    func work(_ key: String) async {
      await withCheckedContinuation { end in
        let told = state.withLock {
          state -> (CheckedContinuation<Set<String>, Never>, Set<String>)? in
          state.begun.insert(key)
          state.ends[key] = end
          guard let wanted = state.wanted, state.begun.count >= wanted.count else { return nil }
          state.wanted = nil
          return (wanted.1, state.begun)
        }
        told?.0.resume(returning: told?.1 ?? [])
      }
    }

    /// The jobs, as soon as so many have begun.
    func begun(_ count: Int) async -> Set<String> {
      await withCheckedContinuation { continuation in
        let begun = state.withLock { state -> Set<String>? in
          if state.begun.count >= count { return state.begun }
          state.wanted = (count, continuation)
          return nil
        }
        if let begun { continuation.resume(returning: begun) }
      }
    }

    var count: Int { state.withLock { $0.begun.count } }

    func end(_ key: String) { state.withLock { $0.ends.removeValue(forKey: key) }?.resume() }
  }

  private static func run(
    keys: [String] = ["a", "b", "c", "d"],
    _ body: @Sendable (WorkPool<String>, Jobs) async -> Void
  ) async {
    let time = TimeSource(
      origin: .now, uptime: { .zero }, wallMilliseconds: { 0 }, sleep: { _ in })
    let pool = WorkPool<String>(time: time)
    let jobs = Jobs()
    for key in keys { pool.add(key, priority: .change) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await pool.run(workers: 2) { job in
          await jobs.work(job.key)
          return .done(again: nil)
        }
      }
      await body(pool, jobs)
      pool.close()
      for key in keys { jobs.end(key) }
    }
  }

  @Test func noMoreWorkAtOnceThanThereAreWorkers() async {
    await Self.run { pool, jobs in
      #expect(await jobs.begun(2) == ["a", "b"])
      #expect(pool.depths().running == 2)
      #expect(pool.depths().waiting[.change] == 2)
      jobs.end("a")
      #expect(await jobs.begun(3) == ["a", "b", "c"])
    }
  }

  @Test func whoWaitsForALimitMakesRoomForAnother() async {
    await Self.run { pool, jobs in
      #expect(await jobs.begun(2) == ["a", "b"])
      pool.waitBegan()
      #expect(await jobs.begun(3) == ["a", "b", "c"])
      #expect(pool.depths().running == 2)
      // Back from the wait there are three; the next begins when two have ended.
      pool.waitEnded()
      jobs.end("a")
      #expect(jobs.count == 3)
      jobs.end("b")
      #expect(await jobs.begun(4) == ["a", "b", "c", "d"])
    }
  }

  /// Each that has begun holds memory, however little it does.
  @Test func notAllMayWaitForALimit() async {
    let keys = (0..<20).map { String(UnicodeScalar(UInt8(97 + $0))) }
    await Self.run(keys: keys) { pool, jobs in
      for count in stride(from: 2, through: 16, by: 2) {
        #expect(await jobs.begun(count).count == count)
        pool.waitBegan()
        pool.waitBegan()
      }
      // A seventeenth would begin now.
      for _ in 0..<100 { await Task.yield() }
      #expect(jobs.count == 16)
      #expect(pool.depths().waiting[.change] == 4)
      jobs.end("a")
      #expect(await jobs.begun(17).count == 17)
    }
  }

  /// A standby's work is taken up where it was when it leads again.
  @Test func whatWaitsDuringAPauseComesAfterIt() async {
    let time = TimeSource(
      origin: .now, uptime: { .zero }, wallMilliseconds: { 0 }, sleep: { _ in })
    let pool = WorkPool<String>(time: time)
    let jobs = Jobs()
    pool.add("a", priority: .change)
    let first = Task {
      await pool.run(workers: 1) { job in
        await jobs.work(job.key)
        return .done(again: nil)
      }
    }
    #expect(await jobs.begun(1) == ["a"])
    first.cancel()
    pool.add("b", priority: .change)
    jobs.end("a")
    await first.value
    #expect(jobs.count == 1, "what has begun is finished, and nothing begins any more")
    let second = Task {
      await pool.run(workers: 1) { job in
        await jobs.work(job.key)
        return .done(again: nil)
      }
    }
    #expect(await jobs.begun(2) == ["a", "b"])
    jobs.end("b")
    pool.close()
    await second.value
  }
}
