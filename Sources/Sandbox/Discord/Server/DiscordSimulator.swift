import FoundationEssentials
import Glibc
import JSONValue
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The simulator as a service: two HTTP servers around one `DiscordSimulation`. It stops on
/// graceful shutdown and on cancellation, and then saves its world if it was given a file.
package final class DiscordSimulator: Service {
  /// Why a simulator could not start.
  package struct StartError: Error, CustomStringConvertible {
    /// What is wrong.
    package var description: String
  }

  private let configuration: DiscordSimulatorConfiguration
  private let clock: @Sendable () -> SimulatedTime
  private let logger: Logger
  private let simulation: Mutex<DiscordSimulation>
  private let ports = BoundPorts()

  /// A simulator that begins with the seeded world. `clock` is the simulated Discord's time.
  package init(
    configuration: DiscordSimulatorConfiguration = .init(),
    logger: Logger = Logger(label: "discord-simulator"),
    clock: @escaping @Sendable () -> SimulatedTime = DiscordSimulator.wallClock
  ) {
    self.configuration = configuration
    self.clock = clock
    self.logger = logger
    var simulation = DiscordSimulation(
      world: .sandbox(now: clock()), limits: configuration.limits, seed: configuration.seed)
    simulation.latency = configuration.latency
    self.simulation = Mutex(simulation)
  }

  /// Where the simulator listens, once it does. Throws when it stopped before that.
  package func addresses() async throws -> DiscordSimulatorAddresses {
    let bound = try await ports.wait(for: configuration.controlPort == nil ? 1 : 2)
    let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    return DiscordSimulatorAddresses(
      api: "http://\(host):\(bound["api"] ?? 0)/api/v10",
      control: bound["control"].map { "http://\(host):\($0)/control" })
  }

  /// Looks at the simulation or changes it, between two requests.
  package func withSimulation<Result: Sendable>(
    _ body: (inout sending DiscordSimulation, SimulatedTime) -> sending Result
  ) -> Result {
    let now = clock()
    return simulation.withLock { body(&$0, now) }
  }

  package func run() async throws {
    do {
      try loadState()
    } catch {
      // What could not be read is somebody's, and stays as it is.
      await ports.fail(error)
      throw error
    }
    do {
      try await serve()
    } catch {
      await ports.fail(error)
      try? saveState()
      throw error
    }
    await ports.fail(StartError(description: "the simulator was stopped"))
    try saveState()
  }

  /// One thread for everything: the world is one value behind one lock anyway.
  private func serve() async throws {
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let outcome: Result<Void, any Error>
    do {
      let group = ServiceGroup(
        configuration: .init(services: try servers(on: threads), logger: logger))
      try await withTaskExecutorPreference(EventLoopTaskExecutor(threads.next())) {
        try await group.run()
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    try await threads.shutdownGracefully()
    try outcome.get()
  }

  private func servers(on threads: any EventLoopGroup) throws -> [any Service] {
    var result = [
      try SimulatorHTTPServer.make(
        host: configuration.host, port: configuration.port, eventLoopGroup: threads, logger: logger,
        bound: { [ports] in await ports.set("api", $0) },
        respond: { [self] request in try await respond(request) })
    ]
    if let port = configuration.controlPort {
      result.append(
        try SimulatorHTTPServer.make(
          host: configuration.host, port: port, eventLoopGroup: threads, logger: logger,
          bound: { [ports] in await ports.set("control", $0) },
          respond: { [self] request in
            withSimulation { $0.control(request, now: $1) }
          }))
    }
    return result
  }

  /// Half of the latency passes before the request is performed and half after it, as on a wire.
  private func respond(_ request: SimulatedRequest) async throws -> SimulatedOutcome {
    let latency = simulation.withLock { $0.latency }
    if latency > .zero { try await Task.sleep(for: latency / 2) }
    let outcome = withSimulation { $0.handle(request, now: $1) }
    let rest = latency / 2 + outcome.delay
    if rest > .zero { try await Task.sleep(for: rest) }
    return outcome
  }

  private func loadState() throws {
    guard let path = configuration.stateFile else { return }
    guard FileManager.default.fileExists(atPath: path) else {
      // Hours of trying things out shall not end with a folder that is not there.
      return try saveState()
    }
    let content: JSONValue
    do {
      content = try JSONValue(parsing: [UInt8](try Data(contentsOf: URL(filePath: path))))
    } catch {
      throw StateFileError(path: path, action: "read", cause: error)
    }
    let loaded: DiscordWorld
    do throws(ControlError) {
      loaded = try DiscordWorld(state: content)
    } catch {
      throw StartError(
        description: "\(path) holds no state of the simulator: \(error.message)")
    }
    simulation.withLock { $0.world = loaded }
  }

  private func saveState() throws {
    guard let path = configuration.stateFile else { return }
    let state = simulation.withLock { $0.world.state }
    do {
      try Data(state.serialized()).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw StateFileError(path: path, action: "write", cause: error)
    }
  }

  /// The machine's clock.
  package static let wallClock: @Sendable () -> SimulatedTime = {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return SimulatedTime(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)
  }
}

/// Ports that become known one by one while others wait for all of them.
private actor BoundPorts {
  private var ports: [String: Int] = [:]
  private var failure: (any Error)?
  private var waiters: [(count: Int, CheckedContinuation<[String: Int], any Error>)] = []

  func set(_ name: String, _ port: Int) {
    ports[name] = port
    waiters.removeAll { waiter in
      guard ports.count >= waiter.count else { return false }
      waiter.1.resume(returning: ports)
      return true
    }
  }

  func fail(_ error: any Error) {
    failure = failure ?? error
    for waiter in waiters { waiter.1.resume(throwing: error) }
    waiters = []
  }

  func wait(for count: Int) async throws -> [String: Int] {
    if ports.count >= count { return ports }
    if let failure { throw failure }
    return try await withCheckedThrowingContinuation { waiters.append((count, $0)) }
  }
}
