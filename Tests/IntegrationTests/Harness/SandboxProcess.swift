import Foundation

/// The sandbox as users run it: Kubernetes API, simulator and provider in one process.
final class SandboxProcess: Sendable {
  let process: SpawnedProcess
  let control: SimulatorControl
  let kubeconfig: String
  let baseURL: String
  let http: LoopbackHTTP

  init(folder: String, poll: String, scripts: String, extra: [String] = []) async throws {
    let listen = try FreePort.take()
    let kube = try FreePort.take()
    let discord = try FreePort.take()
    let controlPort = try FreePort.take()
    let kubeconfig = folder + "/sandbox.kubeconfig"
    let process = try SpawnedProcess(
      Checkout.provider,
      [
        "sandbox", "--kubeconfig-out", kubeconfig, "--listen", "127.0.0.1:\(listen)",
        "--kube-listen", "127.0.0.1:\(kube)", "--discord-listen", "127.0.0.1:\(discord)",
        "--control-listen", "127.0.0.1:\(controlPort)", "--poll", poll, "--scripts", scripts,
        "--log-format", "json",
      ] + extra, logPath: folder + "/provider.log")
    let http = LoopbackHTTP(base: "http://127.0.0.1:\(listen)")
    self.process = process
    self.kubeconfig = kubeconfig
    self.http = http
    control = SimulatorControl(
      http: LoopbackHTTP(base: "http://127.0.0.1:\(controlPort)/control"))
    baseURL = "http://127.0.0.1:\(discord)/api/v10"
    try await eventually("the sandbox is ready") {
      try process.requireRunning()
      guard FileManager.default.fileExists(atPath: kubeconfig) else { return false }
      return try await http.send("GET", "/readyz").status == 200
    }
  }
}
