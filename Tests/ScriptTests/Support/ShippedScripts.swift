import Engine
import Foundation
import LuaBridge
import Sandbox

/// The scripts of this checkout.
enum ShippedScripts {
  /// The checkout's root, from the place of this file in it.
  static let checkout: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(4).joined(separator: "/")
  }()

  static var directory: String { checkout + "/scripts" }

  static let sources = Result { try ScriptSource.read(directory: directory) }

  /// The CustomResourceDefinitions of the chart, as `scripts check` reads them.
  static func schemas() throws -> ResourceSchemas {
    let folder = checkout + "/chart/provider-discord/crds"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return ResourceSchemas(
      definitions: try files.filter { $0.hasSuffix(".yaml") }.flatMap {
        try YAMLDocuments.parse(String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8))
      })
  }

  static func suite() throws -> CaseSuite {
    try CaseSuite(
      directory: directory, shipped: try ScriptSource.read(directory: directory))
  }
}
