import KubeWatch
import Logging
import LuaBridge
import ServiceLifecycle

extension ProviderParts {
  /// What runs beside the workers until the provider stops.
  func loops() -> [@Sendable () async throws -> Void] {
    var loops: [@Sendable () async throws -> Void] = reflectors.map { reflector in
      { await reflector.run() }
    }
    let (configReflector, connections, configs, watch) =
      (configReflector, connections, configs, watch)
    loops.append { await configReflector.run() }
    loops.append {
      await configReflector.waitUntilSynced()
      connections.synced()
      watch.wakeAll()
      await Self.untilCancelled()
    }
    let events = events
    loops.append {
      await events.run()
      await Self.untilCancelled()
    }
    let (reflectors, time) = (reflectors, time)
    loops.append {
      for reflector in reflectors { await reflector.waitUntilSynced() }
      try await configs.follow(watch.usageChanges, time: time)
    }
    if let elector {
      loops.append {
        await elector.run()
        await Self.untilCancelled()
      }
    }
    // Here, and not beside it: the thread that carries HTTP and work is the one that must live.
    if configuration.listen != nil { loops.append { await beat() } }
    return loops
  }

  /// The admin server with its page, and the reload of rules.
  func loopsForPeople() -> [@Sendable () async throws -> Void] {
    var loops: [@Sendable () async throws -> Void] = [{ await reportMemory() }]
    if let address = configuration.listen {
      let page = configuration.servesStatusPage ? statusPage(adding: &loops) : nil
      loops.append { try await serve(at: address, page) }
    }
    if let folder = configuration.watchedScripts { loops.append { await reload(from: folder) } }
    return loops
  }

  private func serve(at address: ListenAddress, _ page: StatusPage?) async throws {
    let door = ProbeDoor(connections: connections, now: time.uptime)
    let server = AdminServer(
      address: address, registry: registry, liveness: liveness, readiness: readiness,
      debugState: { debugState() },
      statusPage: page, probe: { await door.answer($0) }, logger: logger)
    do {
      try await server.application { port in
        logger.info("admin server listening", metadata: ["port": "\(port)"])
      }.run()
    } catch let error where !(error is CancellationError) {
      throw AdminServer.StartError(
        description: "the admin server can't listen on \(address.host):\(address.port): \(error); "
          + "choose another --listen")
    }
    await Self.untilCancelled()
  }

  /// Replaces the rules whenever their files change, and then looks at every resource.
  private func reload(from folder: String) async {
    let watcher = ScriptDirectoryWatcher(directory: folder)
    guard watcher.isWatching else {
      logger.error(
        "rules are not reloaded: the folder can't be watched", metadata: ["folder": "\(folder)"])
      return await Self.untilCancelled()
    }
    let (looks, look) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in watcher { look.yield() } }
      group.addTask { [deployment, configChanged] in
        for await _ in configChanged where deployment.isApproved { look.yield() }
      }
      group.addTask { [deployment, time] in
        // Why scripts wait may pass by itself, such as an outage of Discord.
        while (try? await time.sleep(Self.secondLook)) != nil {
          if deployment.isWaiting { look.yield() }
        }
      }
      // What changed between the first load and the watch.
      look.yield()
      group.addTask { [deployment, watch, leadership] in
        for reflector in reflectors { await reflector.waitUntilSynced() }
        // A standby can't try scripts on what is in Discord: it does so when it takes over.
        for await _ in looks where leadership.isLeading {
          if await deployment.attempt() { watch.wakeAll() }
        }
      }
      await Self.untilCancelled()
      group.cancelAll()
    }
  }

  /// Time after which scripts that wait are judged again.
  private static let secondLook = Duration.seconds(30)

  /// A loop that has nothing more to do must not end: its end would end the provider.
  private static func untilCancelled() async {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    for await _ in stream {}
    continuation.finish()
  }
}
