import Glibc
import HTTPTransport
import Synchronization
import Testing

/// The loop as an executor of tasks.
@Suite(.timeLimit(.minutes(1)))
struct CurlLoopTests {
  private static func thread() -> pthread_t { pthread_self() }

  private static let server = LoopbackServer { connection in
    while connection.readRequest() != nil { connection.answer(200, [], "ok") }
  }

  @Test func aTaskThatPrefersTheLoopStaysOnItsThread() async throws {
    let loop = CurlLoop()
    let transport = CurlTransport(on: loop)
    let request = HTTPRequest(method: "GET", url: Self.server.url)
    let threads = try await Task(executorPreference: loop) { () async throws -> Set<pthread_t> in
      var threads: Set<pthread_t> = [Self.thread()]
      for _ in 0..<20 {
        let response = try await transport.send(request)
        #expect(response.status == 200)
        threads.insert(Self.thread())
        await Task.yield()
      }
      return threads
    }.value
    #expect(threads.count == 1)
    #expect(!threads.contains(Self.thread()))
    await loop.shutDown()
  }

  /// A task that never waits for the network must not keep it from those that do.
  @Test func aTaskThatAlwaysComesBackLeavesTheNetworkItsTurn() async throws {
    let loop = CurlLoop()
    let transport = CurlTransport(on: loop)
    let busy = Task(executorPreference: loop) {
      while !Task.isCancelled { await Task.yield() }
    }
    let request = HTTPRequest(method: "GET", url: Self.server.url)
    for _ in 0..<5 {
      let response = try await transport.send(request)
      #expect(response.status == 200)
    }
    busy.cancel()
    await busy.value
    await loop.shutDown()
  }

  @Test func aTaskThatOutlivesTheLoopEndsElsewhere() async throws {
    let loop = CurlLoop()
    let transport = CurlTransport(on: loop)
    let request = HTTPRequest(method: "GET", url: Self.server.url)
    let failure = await Task(executorPreference: loop) { () async -> TransportError.Kind? in
      await loop.shutDown()
      await Task.yield()
      do throws(TransportError) {
        _ = try await transport.send(request)
        return nil
      } catch {
        return error.kind
      }
    }.value
    #expect(failure == .shutDown)
    #expect(await Task(executorPreference: loop) { 5 }.value == 5)
  }

  @Test func transportsOfOneLoopKeepTheirOwnSettings() async throws {
    let loop = CurlLoop()
    let narrow = CurlTransport(maximumResponseBytes: 1, on: loop)
    let wide = CurlTransport(on: loop)
    let request = HTTPRequest(method: "GET", url: Self.server.url)
    for _ in 0..<3 {
      await #expect(throws: TransportError.self) { try await narrow.send(request) }
      let response = try await wide.send(request)
      #expect(response.body == Array("ok".utf8))
    }
    await loop.shutDown()
  }

  /// While one task computes for long, each step of the others must not wait for one of its.
  @Test func aTaskThatGivesWayLetsOthersTakeAllTheirSteps() async {
    let loop = CurlLoop()
    let steps = await Task(executorPreference: loop) { () async -> [String] in
      let steps = Steps()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          steps.add("long")
          await loop.giveWay()
          steps.add("long again")
        }
        group.addTask {
          for number in 0..<10 {
            steps.add("step \(number)")
            await Task.yield()
          }
        }
      }
      return steps.taken
    }.value
    #expect(steps == ["long"] + (0..<10).map { "step \($0)" } + ["long again"])
    await loop.shutDown()
  }

  @Test func whoGaveWayGoesOnAlthoughOthersNeverStop() async {
    let loop = CurlLoop()
    let busy = Task(executorPreference: loop) {
      while !Task.isCancelled { await Task.yield() }
    }
    await Task(executorPreference: loop) {
      for _ in 0..<3 { await loop.giveWay() }
    }.value
    busy.cancel()
    await busy.value
    await loop.shutDown()
    // A loop that has ended keeps nobody.
    await loop.giveWay()
  }
}

/// What tasks did, in order.
private final class Steps: Sendable {
  private let list = Mutex<[String]>([])

  var taken: [String] { list.withLock { $0 } }

  func add(_ step: String) { list.withLock { $0.append(step) } }
}
