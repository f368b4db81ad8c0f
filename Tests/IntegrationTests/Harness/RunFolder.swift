import Foundation

/// The folder of this test run: logs, kubeconfigs, etcd's data. The watchdog removes it at the end,
/// unless `PROVIDER_DISCORD_KEEP` is set.
enum RunFolder {
  static let path: String = {
    let path = NSTemporaryDirectory() + "/provider-discord-tests-\(getpid())"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }()

  /// A new folder for one part of the run.
  static func make(_ name: String) throws -> String {
    let folder = path + "/\(name)-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}
