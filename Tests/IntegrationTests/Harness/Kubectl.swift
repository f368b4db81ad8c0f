import Foundation
import JSONValue

/// An unmodified kubectl, as users have it.
struct Kubectl: Sendable {
  let kubeconfig: String
  var namespace: String?

  /// The machine's kubectl, or the one of the test assets. Machines with several versions choose by
  /// the server's; Debian's own is as old as the server we build.
  private static let program: String = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let onPath = path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/kubectl")
    }
    if !onPath, let assets = Checkout.kubebuilderAssets { return assets + "/kubectl" }
    return "kubectl"
  }()

  init(kubeconfig: String, namespace: String? = nil) {
    self.kubeconfig = kubeconfig
    self.namespace = namespace
  }

  /// Runs it, whatever it ends with.
  func attempt(
    _ arguments: [String], input: String? = nil, timeout: Duration = .seconds(60)
  ) async throws -> CommandRun {
    var line = ["--kubeconfig", kubeconfig, "--cache-dir", kubeconfig + ".cache"]
    if let namespace { line += ["--namespace", namespace] }
    return try await CommandRun.run(
      Self.program, line + arguments, input: input, timeout: timeout)
  }

  /// Runs it.
  /// - Throws: `CommandFailure` when it ends with another code than 0.
  /// - Returns: its standard output.
  @discardableResult
  func run(
    _ arguments: [String], input: String? = nil, timeout: Duration = .seconds(60)
  ) async throws -> String {
    let run = try await attempt(arguments, input: input, timeout: timeout)
    guard run.exitCode == 0 else {
      throw CommandFailure(command: "kubectl \(arguments.joined(separator: " "))", run: run)
    }
    return run.output
  }

  /// Applies manifests given as JSON objects.
  func apply(_ manifests: [JSONValue]) async throws {
    let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(manifests)]
    try await run(
      ["apply", "-f", "-"], input: list.serializedText(), timeout: .seconds(180))
  }

  /// One object; nil when there is none.
  func get(_ resource: String, _ name: String) async throws -> JSONValue? {
    let text = try await run(["get", resource, name, "-o", "json", "--ignore-not-found"])
    return text.isEmpty ? nil : try JSONValue(parsing: text)
  }

  /// All objects of a resource (or several, with commas) in the namespace, or in another.
  func list(_ resources: String, in other: String? = nil) async throws -> [JSONValue] {
    var kubectl = self
    if let other { kubectl.namespace = other }
    let text = try await kubectl.run(["get", resources, "-o", "json"])
    return try JSONValue(parsing: text)["items"]?.arrayValue ?? []
  }

  func annotate(_ resource: String, _ name: String, _ annotation: String) async throws {
    try await run(["annotate", "--overwrite", resource, name, annotation])
  }

  /// Merges fields into `spec.forProvider`.
  func patchFields(_ resource: String, _ name: String, _ fields: JSONValue) async throws {
    let patch: JSONValue = ["spec": ["forProvider": fields]]
    try await run(
      ["patch", resource, name, "--type=merge", "-p", patch.serializedText()])
  }
}
