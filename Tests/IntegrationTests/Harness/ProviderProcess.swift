import JSONValue
import Synchronization

/// The provider as users run it: `provider-discord run`. Can be ended and started again.
final class ProviderProcess: Sendable {
  private let arguments: [String]
  private let current: Mutex<SpawnedProcess>
  private let logPath: String
  let http: LoopbackHTTP

  var process: SpawnedProcess { current.withLock { $0 } }
  /// The log of all its lives.
  var log: String { process.log }

  init(
    kubeconfig: String, namespace: String, folder: String, poll: String, scripts: String,
    extra: [String] = []
  ) throws {
    let port = try FreePort.take()
    arguments =
      [
        "run", "--kubeconfig", kubeconfig, "--namespace", namespace,
        "--listen", "127.0.0.1:\(port)", "--poll", poll, "--scripts", scripts,
        "--log-format", "json",
      ] + extra
    logPath = folder + "/provider.log"
    http = LoopbackHTTP(base: "http://127.0.0.1:\(port)")
    current = Mutex(try SpawnedProcess(Checkout.provider, arguments, logPath: logPath))
  }

  /// Waits for `/readyz`.
  func waitUntilReady() async throws {
    try await eventually("the provider is ready") {
      try process.requireRunning()
      return try await http.send("GET", "/readyz").status == 200
    }
  }

  /// Ends it with SIGKILL and waits until it is gone.
  func crash() async throws {
    process.killNow()
    _ = try await process.exitCode(within: .seconds(10))
  }

  /// A new life with the same arguments and the same log.
  func startAgain() async throws {
    let next = try SpawnedProcess(Checkout.provider, arguments, logPath: logPath)
    current.withLock { $0 = next }
    try await waitUntilReady()
  }
}

/// One line of a provider's JSON log.
struct LogLine: Sendable {
  let json: JSONValue

  var level: String { json["level"]?.stringValue?.lowercased() ?? "" }
  var text: String { json.serializedText() }

  /// The lines of a log; what is no JSON object (a crash report) counts as an error.
  static func parse(_ log: String) -> [LogLine] {
    log.split(separator: "\n").map { line in
      if let json = try? JSONValue(parsing: String(line)) { return LogLine(json: json) }
      return LogLine(json: ["level": "error", "message": .string(String(line))])
    }
  }
}
