import JSONValue

/// The Discord simulator as a process of its own: `provider-discord discord-sim`.
final class SimulatorProcess: Sendable {
  let process: SpawnedProcess
  let control: SimulatorControl
  /// What a ProviderConfig names as `spec.baseURL`.
  let baseURL: String

  init(folder: String) async throws {
    let port = try FreePort.take()
    let controlPort = try FreePort.take()
    process = try SpawnedProcess(
      Checkout.provider,
      [
        "discord-sim", "--listen", "127.0.0.1:\(port)", "--control", "127.0.0.1:\(controlPort)",
      ], logPath: folder + "/discord-sim.log")
    control = SimulatorControl(
      http: LoopbackHTTP(base: "http://127.0.0.1:\(controlPort)/control"))
    baseURL = "http://127.0.0.1:\(port)/api/v10"
    try await eventually("the simulator answers") { [control, process] in
      try process.requireRunning()
      _ = try await control.score()
      return true
    }
  }
}
