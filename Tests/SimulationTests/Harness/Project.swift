import Foundation
import JSONValue
import LuaBridge
import Sandbox

/// The project's own files: what is simulated is what is shipped.
enum Project {
  /// The checkout's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The shipped rules.
  static let scripts: Result<ScriptBundle, any Error> = Result {
    try ScriptBundle.shipped(ScriptSource.read(directory: root + "/scripts"))
  }

  /// The chart's CustomResourceDefinitions.
  static let resourceDefinitions: Result<[JSONValue], any Error> = Result {
    let folder = root + "/chart/provider-discord/crds"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".yaml") }
      .flatMap {
        try YAMLDocuments.parse(String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8))
      }
  }
}
