import DiscordAPI
package import HTTPTransport
import KubeWatch

/// Where the provider touches the world: time, chance and the network. Production has the machine's;
/// the simulation tests have a virtual clock, a seed and servers within the process.
package struct ProviderSeams: Sendable {
  package var time: TimeSource
  /// Numbers in 0 ..< 1, for jitter.
  package var random: @Sendable () -> Double
  /// The way to the API server, and the way to Discord.
  package var kubeTransport: any Transport
  package var discordTransport: any Transport
  /// Where the provider's tasks run; nil leaves it to whoever runs the provider.
  package var executor: (any TaskExecutor)?
  /// Lets the other tasks there go first: for a script that computes for long.
  package var giveWay: @Sendable () async -> Void
  /// Ends the transports once nobody uses them.
  package var shutDown: @Sendable () async -> Void

  /// Makes seams of their parts.
  package init(
    time: TimeSource, random: @escaping @Sendable () -> Double, kubeTransport: any Transport,
    discordTransport: any Transport, executor: (any TaskExecutor)? = nil,
    giveWay: @escaping @Sendable () async -> Void = { await Task.yield() },
    shutDown: @escaping @Sendable () async -> Void = {}
  ) {
    self.time = time
    self.random = random
    self.kubeTransport = kubeTransport
    self.discordTransport = discordTransport
    self.executor = executor
    self.giveWay = giveWay
    self.shutDown = shutDown
  }

  /// The machine's clocks and network.
  package static func system(tls: TLSSettings) -> ProviderSeams {
    let loop = CurlLoop()
    return ProviderSeams(
      time: .system(), random: { Double.random(in: 0..<1) },
      kubeTransport: CurlTransport(tls: tls, on: loop), discordTransport: CurlTransport(on: loop),
      executor: loop, giveWay: { await loop.giveWay() }, shutDown: { await loop.shutDown() })
  }

  /// Now, for parts that count in instants.
  var now: @Sendable () -> ContinuousClock.Instant {
    let time = time
    return { time.instant(time.uptime()) }
  }

  /// The wall clock for what is written into Events.
  var wallTime: @Sendable () -> WallTime {
    let time = time
    return {
      let milliseconds = time.wallMilliseconds()
      return WallTime(
        seconds: milliseconds / 1_000, nanoseconds: milliseconds % 1_000 * 1_000_000)
    }
  }

  /// The same time for the Discord client, which counts in instants.
  var discordTime: DiscordTime {
    let time = time
    return DiscordTime(
      now: now,
      sleep: { instant in try? await time.sleep(instant - time.instant(time.uptime())) })
  }
}
