import Dispatch
import JSONValue
import LuaBridge
import Synchronization
import Testing

/// One thread for all: who does not give way keeps everybody waiting.
private final class OneThread: TaskExecutor {
  private let queue = DispatchQueue(label: "one thread")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// What happened while a hostile script ran.
private final class Meanwhile: Sendable {
  let isOver = Atomic<Bool>(false)
  let finished = Atomic<Int>(0)
}

/// Those that go on until a budget stops them.
private let burning =
  hostileScripts
  .filter { [.fails(.instructions), .fails(.memory), .fails(.effects)].contains($0.ending) }

@Test func everyKindOfAttackHasItsScripts() {
  let names = Set(hostileScripts.map(\.name))
  for category in HostileCategory.all {
    #expect(!category.scripts.isEmpty)
    for script in category.scripts {
      #expect(names.contains(script), "\(category.name): \(script)")
    }
  }
}

/// On a single thread, other runs come and go while a hostile script burns its budget, and what it
/// leaves behind is an ordinary process.
@Test(arguments: burning) func otherRunsProgressMeanwhile(_ script: HostileScript) async throws {
  let hostile = try bundle("return {run = function()\n\(script.body)\nend}")
  let quick = try bundle("return {run = function(v) return {v} end}")
  let meanwhile = Meanwhile()
  let executor = OneThread()
  let slices = await withTaskGroup(of: Int.self) { group in
    group.addTask(executorPreference: executor) {
      defer { meanwhile.isOver.store(true, ordering: .sequentiallyConsistent) }
      do {
        // A fifth of the budget shows as much as all of it.
        _ = try await ScriptRunner().run(
          hostile, module: "resources.rule", function: "run", arguments: [],
          limits: ScriptLimits(instructions: 2_000_000)
        ) { (effect: JSONValue) in
          // Whoever performs effects waits for them.
          await Task.yield()
          return effect
        }
        return 0
      } catch {
        return (error as? ScriptError)?.usage.slices ?? 0
      }
    }
    group.addTask(executorPreference: executor) {
      while !meanwhile.isOver.load(ordering: .sequentiallyConsistent) {
        let outcome = try? await ScriptRunner().run(
          quick, module: "resources.rule", function: "run", arguments: [Array("1".utf8)]
        ) { (effect: JSONValue) in effect }
        if outcome?.results == [[1]] {
          meanwhile.finished.add(1, ordering: .sequentiallyConsistent)
        }
        await Task.yield()
      }
      return 0
    }
    return await group.reduce(0, +)
  }
  // A run of two slices may be over before the first of the others begins.
  guard slices > 2 else { return }
  let finished = meanwhile.finished.load(ordering: .sequentiallyConsistent)
  #expect(finished >= slices / 2 - 1, "\(finished) other runs in \(slices) slices")
}
