import Foundation
import JSONValue

/// The API server's own account of who asked for what.
struct AuditLog: Sendable {
  let path: String

  struct Entry: Sendable {
    let user: String
    let verb: String
    let resource: String
    let namespace: String
    let name: String
    let code: Int64

    var isWrite: Bool {
      ["create", "update", "patch", "delete", "deletecollection"].contains(verb)
    }
  }

  /// Where the log ends now, for `entries(from:)`.
  var position: UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }

  /// What was logged since a position; a line that is still being written is left out.
  func entries(from position: UInt64 = 0) throws -> [Entry] {
    guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? handle.close() }
    try handle.seek(toOffset: position)
    let data = try handle.readToEnd() ?? Data()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let json = try? JSONValue(parsing: [UInt8](line)) else { return nil }
      return Entry(
        user: json.value(at: "user", "username")?.stringValue ?? "",
        verb: json["verb"]?.stringValue ?? "",
        resource: json.value(at: "objectRef", "resource")?.stringValue ?? "",
        namespace: json.value(at: "objectRef", "namespace")?.stringValue ?? "",
        name: json.value(at: "objectRef", "name")?.stringValue ?? "",
        code: json.value(at: "responseStatus", "code")?.integerValue ?? 0)
    }
  }

  /// The provider's writes in a namespace since a position, Events apart.
  func providerWrites(in namespace: String, from position: UInt64) throws -> [Entry] {
    try entries(from: position).filter {
      $0.user == "provider" && $0.namespace == namespace && $0.isWrite && $0.resource != "events"
    }
  }
}
