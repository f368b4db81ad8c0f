import ArgumentParser
import Engine
import Logging
import Sandbox
import ServiceLifecycle

/// `provider-discord discord-sim`
struct DiscordSimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discord-sim",
    abstract: "Run the Discord simulator alone.",
    discussion: """
      A strict stand-in for Discord's HTTP API v10: guilds, channels, roles, permissions, rate limits, \
      audit log. It starts with one guild, "Sandbox Guild", and a bot whose token is "sandbox-token". \
      A second port takes control requests: scores, faults, limits, changes behind the bot's back.

      EXAMPLES
        On fixed ports:
          provider-discord discord-sim --listen 127.0.0.1:9000 \\
            --control 127.0.0.1:9001

        Without rate limits, keeping its state in a file:
          provider-discord discord-sim --limits none --state guilds.json

        What it has counted: requests by route, 429s by scope, duplicates:
          curl -s http://127.0.0.1:9001/control/score

        Losing the answers to every fifth creation of a channel:
          curl -s http://127.0.0.1:9001/control/faults -d '{
            "route": "POST /guilds/{}/channels", "probability": 0.2,
            "fault": {"kind": "reset-after-commit"}}'

      EXIT CODES
        0  ended as asked (SIGTERM, SIGINT)
        1  could not start, or the file of --state can't be read or written
        64 the command line is wrong

      docs/discord-simulator.md has all routes of the control API, faults and limits.
      """)

  @Option(help: ArgumentHelp("Address of the API.", valueName: "host:port"))
  var listen: String = EnvironmentDefault.text("listen", "127.0.0.1:9000")

  @Option(help: ArgumentHelp("Address of the control API.", valueName: "host:port"))
  var control: String = EnvironmentDefault.text("control", "127.0.0.1:9001")

  @OptionGroup var simulator: SimulatorOptions

  func validate() throws {
    _ = try configuration()
  }

  func run() async throws {
    let logger = Logger(label: "discord-sim") { _ in
      StandardErrorLogHandler(format: Terminal.isStandardError ? .text : .json, level: .notice)
    }
    let service = DiscordSimulator(configuration: try configuration(), logger: logger)
    let announcement = Announcement {
      let addresses = try await service.addresses()
      print("Discord API   \(addresses.api)   token \(DiscordWorld.sandboxToken)")
      if let control = addresses.control { print("control API   \(control)") }
      Terminal.flush()
    }
    try await Services.run([service, announcement], logger: logger)
  }

  private func configuration() throws -> DiscordSimulatorConfiguration {
    let api = try Self.loopback(listen, "--listen")
    let control = try Self.loopback(control, "--control")
    return try simulator.configuration(host: api.host, port: api.port, controlPort: control.port)
  }

  static func loopback(_ text: String, _ option: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw ValidationError("\(option) \(text) is not an address such as 127.0.0.1:9000")
    }
    guard ["127.0.0.1", "::1", "localhost"].contains(address.host) else {
      throw ValidationError("\(option) \(text): the sandbox listens on loopback only")
    }
    return address
  }
}
