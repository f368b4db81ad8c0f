import ArgumentParser
import Engine
import Sandbox

/// The options that `discord-sim` and `sandbox` share.
struct SimulatorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rate limits: none; fixed or sliding windows, both with the hidden limits of a channel's name "
        + "and topic; or lying: fixed, and headers that promise plenty until the wall.",
      valueName: "mode"))
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
    let isLying = limits == "lying"
    guard let mode = LimitConfiguration.Mode(rawValue: isLying ? "fixed" : limits) else {
      let modes = LimitConfiguration.Mode.allCases.map(\.rawValue) + ["lying"]
      throw ValidationError("--limits \(limits) is none of \(modes.joined(separator: ", "))")
    }
    guard let delay = GoDuration.parse(latency) else {
      throw ValidationError("--latency \(latency) is not a duration such as 50ms")
    }
    var configuration = DiscordSimulatorConfiguration()
    configuration.host = host
    configuration.port = port
    configuration.controlPort = controlPort
    configuration.limits = LimitConfiguration(mode: mode)
    if isLying { configuration.limits.headers = .lying }
    configuration.latency = delay
    configuration.stateFile = state ?? EnvironmentDefault.optional("state")
    return configuration
  }
}
