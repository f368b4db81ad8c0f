import Foundation

/// Where the files of this checkout and of this build are.
enum Checkout {
  /// The folder with Package.swift.
  static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path
  }()

  static let customResourceDefinitions = root + "/chart/provider-discord/crds"
  static let scripts = root + "/scripts"
  static let tools = root + "/tools"
  static let quickstart = root + "/examples/quickstart"

  /// The built program: `PROVIDER_DISCORD_BINARY`, or what this build left beside the test bundle.
  static let provider: String = {
    if let named = ProcessInfo.processInfo.environment["PROVIDER_DISCORD_BINARY"] { return named }
    let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("provider-discord").path
  }()

  /// The folder with `kube-apiserver` and `etcd` (tools/envtest.sh), nil without it.
  static let kubebuilderAssets: String? = {
    guard let folder = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"],
      FileManager.default.isExecutableFile(atPath: folder + "/kube-apiserver")
    else { return nil }
    return folder
  }()
}
