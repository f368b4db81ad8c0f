import Engine
import LuaBridge

/// The scripts of this checkout.
enum ShippedScripts {
  /// The checkout's root, from the place of this file in it.
  static let checkout: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(4).joined(separator: "/")
  }()

  static var directory: String { checkout + "/scripts" }

  static let sources = Result { try ScriptSource.read(directory: directory) }

  static func suite() throws -> CaseSuite {
    try CaseSuite(
      directory: directory, shipped: try ScriptSource.read(directory: directory))
  }
}
