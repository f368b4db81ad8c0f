import Foundation
import JSONValue

/// A real kube-apiserver with its etcd: the users' API server, not our stand-in.
///
/// One is enough for the whole run: tests keep apart by namespace.
final class ControlPlane: Sendable {
  private let process: SpawnedProcess
  let folder: String

  var adminKubeconfig: String { folder + "/admin.kubeconfig" }
  var providerKubeconfig: String { folder + "/provider.kubeconfig" }
  var audit: AuditLog { AuditLog(path: folder + "/audit.log") }

  private static let first = Task { try await ControlPlane() }

  /// The run's control plane, started by the first test that asks, with our CRDs applied.
  static func shared() async throws -> ControlPlane { try await first.value }

  private init() async throws {
    guard let assets = Checkout.kubebuilderAssets else {
      throw Unmendable(
        description: "KUBEBUILDER_ASSETS names no kube-apiserver: run `make test`, or set it to "
          + "what tools/envtest.sh prints")
    }
    let folder = try RunFolder.make("control-plane")
    let process = try SpawnedProcess(
      Checkout.tools + "/control-plane.sh", [folder], environment: ["KUBEBUILDER_ASSETS": assets],
      logPath: folder + "/control-plane.log", endsWithInput: true)
    self.folder = folder
    self.process = process
    try await eventually("the API server answers", within: .seconds(120)) {
      try process.requireRunning()
      return FileManager.default.fileExists(atPath: folder + "/ready")
    }
    for name in ["etcd", "kube-apiserver"] {
      let text = try String(contentsOfFile: folder + "/\(name).pid", encoding: .utf8)
      if let pid = Int32(text.filter(\.isNumber)) { Watchdog.watch(pid) }
    }
    let kubectl = Kubectl(kubeconfig: adminKubeconfig)
    try await kubectl.run(["apply", "-f", Checkout.customResourceDefinitions])
    try await kubectl.run(
      ["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"],
      timeout: .seconds(90))
  }
}
