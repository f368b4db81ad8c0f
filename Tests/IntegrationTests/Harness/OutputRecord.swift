import Foundation
import Synchronization

/// Everything that the product says in a run, kept for `tools/scan-output.sh`, which looks for tokens in
/// it: logs of all processes, and at the end of each test `/metrics`, `/debug/state`, `/readyz`, Events
/// and objects. Only when `PROVIDER_DISCORD_TEST_OUTPUT` names a folder.
enum OutputRecord {
  private static let folder = ProcessInfo.processInfo.environment["PROVIDER_DISCORD_TEST_OUTPUT"]
  private static let lock = Mutex(())

  /// A token that a test uses: from now on it must not be seen anywhere.
  static func note(token: String) {
    guard let folder else { return }
    lock.withLock { _ in append("\(token)\n", to: folder + "/tokens") }
  }

  /// Keeps a log beyond the removal of the run's folder. A link: what is written later is in it too.
  static func keep(log path: String) throws {
    guard let folder else { return }
    let name = path.split(separator: "/").suffix(2).joined(separator: "-")
    let link = "\(folder)/\(name)"
    if FileManager.default.fileExists(atPath: link) { return }
    try FileManager.default.linkItem(atPath: path, toPath: link)
  }

  /// What the provider of a world shows now, and what it wrote into the cluster.
  static func keep(_ world: World) async {
    guard let folder else { return }
    var text = ""
    for path in ["/metrics", "/debug/state", "/readyz?verbose", "/healthz?verbose"] {
      text += (try? await world.http.send("GET", path).text) ?? ""
    }
    let kinds = "guilds,channels,roles,providerconfigs,events"
    let objects = try? await world.kubectl.run(
      ["get", kinds, "--output", "json", "--ignore-not-found"])
    text += objects ?? ""
    append(text, to: "\(folder)/\(world.namespace)-state.log")
  }

  private static func append(_ text: String, to path: String) {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let file = FileHandle(forWritingAtPath: path) else { return }
    file.seekToEndOfFile()
    file.write(Data(text.utf8))
    try? file.close()
  }
}
