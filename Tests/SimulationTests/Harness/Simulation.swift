import DiscordAPI
import Engine
import Foundation
import JSONValue
import KubeWatch
import Logging
import LuaBridge
import Sandbox
import Synchronization

/// A cluster, a Discord, and a provider that may be killed and started again, on a virtual clock.
final class Simulation: Sendable {
  /// What a simulation is made of.
  struct Options: Sendable {
    /// Decides on latencies, the order of jobs and jitter.
    var seed: UInt64 = 1
    /// Run jobs in an order that the seed decides.
    var isShuffled = true
    var limits = LimitConfiguration(mode: .none)
    var poll: Duration = .seconds(60)
    /// Kinds whose CustomResourceDefinition is not installed at the start.
    var missingKinds: Set<String> = []
    /// How many providers there are. More than one elect a leader.
    var replicas = 1
    /// How many objects the provider works on at once; its own default unless given.
    var workers: Int?
    var kubeLatency = 1...5
    var discordLatency = 10...60
    /// What becomes of each request.
    var plan: FatePlan = { _ in .delivered }
    /// The bot's permissions; all unless given.
    var permissions: PermissionBits = .administrator
    /// Audit log entries show after this time.
    var auditLogDelay: Duration = .zero
    /// Gets the provider's log.
    var log: LogLines?
  }

  /// What can go wrong with the simulation itself.
  struct Stuck: Error, CustomStringConvertible {
    let description: String
  }

  let options: Options
  let clock = VirtualClock()
  let dice: Dice
  let log = FateLog()
  let kubernetes: SimulatedKubernetes
  let discord: SimulatedDiscord
  /// Sees who speaks to Discord, and whether the Lease was theirs.
  let witness = LeaseWitness()
  private let origin = ContinuousClock.now
  private let lives = Mutex<[Life]>([])
  private let isOver = Mutex(false)
  private let end = Outcome<Duration>()

  private init(_ options: Options) throws {
    self.options = options
    dice = Dice(seed: options.seed)
    kubernetes = try SimulatedKubernetes(
      clock: clock, dice: dice,
      resourceDefinitions: try Project.resourceDefinitions.get().filter {
        !options.missingKinds.contains($0.value(at: "spec", "names", "kind")?.stringValue ?? "")
      })
    let now = SimulatedTime(microseconds: clock.wallMicroseconds)
    var simulation = DiscordSimulation(
      world: .sandbox(now: now), limits: options.limits, seed: options.seed)
    _ = simulation.world.guilds[DiscordWorld.sandboxGuildID]?.setBotRole(
      of: DiscordWorld.sandboxBotID, permissions: options.permissions, position: nil)
    if options.auditLogDelay > .zero {
      let milliseconds = options.auditLogDelay / .milliseconds(1)
      _ = try simulation.faults.add(
        ["fault": ["kind": "audit-log-delay", "milliseconds": .integer(Int64(milliseconds))]],
        now: now)
    }
    discord = SimulatedDiscord(clock: clock, simulation: simulation)
  }

  /// How many processes of the provider there were.
  var starts: Int { lives.withLock { $0.count } }

  /// Runs a simulation to its end, on this thread.
  ///
  /// `body` is the world outside of the provider: it applies, waits and looks. The provider runs
  /// from the start, and again after each crash, until `body` returns.
  static func run<Value: Sendable>(
    _ options: Options = Options(),
    _ body: @escaping @Sendable (Simulation) async throws -> Value
  ) throws -> Value {
    let simulation = try Simulation(options)
    let executor = SimulationExecutor(seed: options.seed, isShuffled: options.isShuffled)
    let outcome = Outcome<Result<Value, any Error>>()
    let unwound = Outcome<Void>()
    return try executor.capturing {
      Task(executorPreference: executor) {
        let result: Result<Value, any Error>
        do {
          try simulation.addCredentials()
          result = .success(try await body(simulation))
        } catch {
          result = .failure(error)
        }
        outcome.set(result)
        simulation.stop()
      }
      Task(executorPreference: executor) {
        await withDiscardingTaskGroup { group in
          for replica in 0..<options.replicas {
            group.addTask { await simulation.keepProviderRunning(replica, on: executor) }
          }
        }
        unwound.set(())
      }
      while unwound.value == nil {
        guard executor.runUntilIdle() else {
          throw Stuck(description: "somebody never waits, at \(simulation.clock.now)")
        }
        if unwound.value != nil { break }
        if let end = simulation.end.value, simulation.clock.now > end + .seconds(3_600) {
          throw Stuck(description: "the provider does not end when it is killed")
        }
        guard simulation.clock.jump() else {
          throw Stuck(
            description: "everybody waits and nobody for time, at \(simulation.clock.now)")
        }
      }
      _ = executor.runUntilIdle()
      guard let result = outcome.value else {
        throw Stuck(description: "the provider ended by itself")
      }
      guard !simulation.clock.wasLeft else {
        throw Stuck(description: "something ran on a thread that is not the simulation's")
      }
      if let request = simulation.discord.withoutReason.first {
        throw Stuck(description: "\(request) has no reason for Discord's audit log")
      }
      return try result.get()
    }
  }

  private func stop() {
    isOver.withLock { $0 = true }
    end.set(clock.now)
    for life in lives.withLock({ $0 }) { life.end() }
  }

  /// Kills the provider; it starts again after a moment.
  func crash() {
    for life in lives.withLock({ $0 }) { life.end() }
  }

  /// The lives that run now.
  var living: [Life] { lives.withLock { $0 }.filter(\.isAlive) }

  private func keepProviderRunning(_ replica: Int, on executor: SimulationExecutor) async {
    while !isOver.withLock({ $0 }) {
      let life = lives.withLock { lives in
        let life = Life(
          clock: clock, dice: dice, log: log, origin: origin, replica: replica,
          identity: "replica-\(replica)-life-\(lives.count)", plan: options.plan)
        lives.append(life)
        return life
      }
      await life.run(on: executor) { await self.runProvider(life) }
      if isOver.withLock({ $0 }) { return }
      _ = await clock.sleep(until: clock.now + dice.milliseconds(50...3_000))
    }
  }

  private func runProvider(_ life: Life) async {
    var configuration = ProviderConfiguration(
      access: ClusterAccess(server: "https://kubernetes.simulated"), listen: nil,
      version: "0.0.0-simulation", loadScripts: { _ in ScriptCandidate(try Project.scripts.get()) })
    configuration.poll = options.poll
    if options.replicas > 1 {
      configuration.leaderElection = LeaderElectionSettings(
        lease: LeaseWitness.lease, identity: life.identity)
    }
    if let workers = options.workers { configuration.maximumConcurrent = workers }
    let dice = dice
    let seams = ProviderSeams(
      time: life.time, random: { dice.unit() },
      kubeTransport: SimulatedTransport(
        server: kubernetes, life: life, latency: options.kubeLatency),
      discordTransport: WitnessedTransport(
        base: SimulatedTransport(
          server: discord, life: life, latency: options.discordLatency), life: life,
        simulation: self))
    do {
      let provider = try Provider(
        configuration: configuration, seams: seams,
        logger: SimulationLog.logger(clock, lines: options.log))
      try await provider.run()
    } catch  where !life.isAlive {
      return
    } catch {
      fatalError("the provider failed: \(error)")
    }
  }
}
