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
    _ body: @Sendable (WorkPool<String>, Jobs) async -> Void
  ) async {
    let time = TimeSource(
      origin: .now, uptime: { .zero }, wallMilliseconds: { 0 }, sleep: { _ in })
    let pool = WorkPool<String>(time: time)
    let jobs = Jobs()
    for key in ["a", "b", "c", "d"] { pool.add(key, priority: .change) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await pool.run(workers: 2) { job in
          await jobs.work(job.key)
          return .done(again: nil)
        }
      }
      await body(pool, jobs)
      pool.close()
      for key in ["a", "b", "c", "d"] { jobs.end(key) }
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
}
