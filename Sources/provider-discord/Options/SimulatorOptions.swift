import ArgumentParser
import Engine
import Sandbox

/// The options that `discord-sim` and `sandbox` share.
struct SimulatorOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Rate limits: none, fixed or sliding.", valueName: "mode"))
  var limits: String = EnvironmentDefault.text("limits", "fixed")

  @Option(help: ArgumentHelp("Time added to each answer.", valueName: "duration"))
  var latency: String = EnvironmentDefault.text("latency", "0s")

  @Option(
    help: ArgumentHelp(
      "File that Discord's state is read from, and written to at the end.", valueName: "file"))
  var state: String?

  func configuration(host: String, port: Int, controlPort: Int) throws
    -> DiscordSimulatorConfiguration
  {
    guard let mode = LimitConfiguration.Mode(rawValue: limits) else {
      throw ValidationError(
        "--limits \(limits) is none of "
          + LimitConfiguration.Mode.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard let delay = GoDuration.parse(latency) else {
      throw ValidationError("--latency \(latency) is not a duration such as 50ms")
    }
    var configuration = DiscordSimulatorConfiguration()
    configuration.host = host
    configuration.port = port
    configuration.controlPort = controlPort
    configuration.limits = LimitConfiguration(mode: mode)
    configuration.latency = delay
    configuration.stateFile = state ?? EnvironmentDefault.optional("state")
    return configuration
  }
}
