import Engine
import Glibc
package import JSONValue
import KubeWatch
import Yams

/// `backup.*`: what lies in the folder that `--backup` names. A Secret's values are looked at only
/// to see whether they are there.
package struct BackupSource: EffectSource {
  private let folder: String?
  private static let mostFiles = 2_000
  private static let mostBytes = 64 << 20

  package init(folder: String?) {
    self.folder = folder
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    guard name == "backup.inspect" else { throw SourceFailure(.refused, "there is no \(name)") }
    guard let folder else {
      throw SourceFailure(.unconfigured, "name the backup's folder with --backup DIR")
    }
    var files: [JSONValue] = []
    var objects: [JSONValue] = []
    var times: [Int64] = []
    var left = Self.mostBytes
    for path in try paths(below: folder) {
      var file = try Self.facts(of: "\(folder)/\(path)", name: path)
      let size = Int(file["bytes"]?.integerValue ?? 0)
      let isText = [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
      var found: [JSONValue] = []
      if isText, size <= left {
        left -= size
        do {
          let bytes = try FileBytes.read("\(folder)/\(path)")
          found = try Self.objects(in: bytes, path: path)
        } catch {
          file["error"] = .string("\(error)")
        }
      } else if isText {
        file["error"] = "not read: the backup is larger than 64 MiB"
      }
      file["objects"] = .integer(Int64(found.count))
      if !found.isEmpty, let time = file["modified"]?.stringValue.flatMap({ Timestamp($0) }) {
        times.append(time.millisecondsSince1970)
      }
      objects += found
      files.append(file)
    }
    var facts: JSONValue = [
      "path": .string(folder), "files": .array(files), "objects": .array(objects),
    ]
    facts["newest"] = times.max().map {
      .string(Timestamp(millisecondsSince1970: $0).seconds)
    }
    facts["oldest"] = times.min().map {
      .string(Timestamp(millisecondsSince1970: $0).seconds)
    }
    return SourceAnswer(facts)
  }

  private func paths(below folder: String) throws(SourceFailure) -> [String] {
    var found: [String] = []
    var waiting = [""]
    while let place = waiting.popLast() {
      let path = place.isEmpty ? folder : "\(folder)/\(place)"
      guard let handle = unsafe opendir(path) else {
        throw SourceFailure(
          .notfound, "\(path) can't be read: \(unsafe String(cString: strerror(errno)))")
      }
      defer { unsafe closedir(handle) }
      while let entry = unsafe readdir(handle) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
          unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard !name.hasPrefix(".") else { continue }
        let below = place.isEmpty ? name : "\(place)/\(name)"
        // No links: a backup lies in its folder.
        switch Int32(unsafe entry.pointee.d_type) {
        case Int32(DT_DIR): waiting.append(below)
        case Int32(DT_REG): found.append(below)
        default: continue
        }
        guard found.count <= Self.mostFiles else {
          throw SourceFailure(.refused, "\(folder) has more than \(Self.mostFiles) files")
        }
      }
    }
    return found.sorted()
  }

  private static func facts(of path: String, name: String) throws(SourceFailure) -> JSONValue {
    guard let facts = FileBytes.facts(path) else {
      throw SourceFailure(.error, "\(path) can't be looked at")
    }
    let milliseconds = facts.modified * 1000
    let format =
      name.hasSuffix(".json")
      ? "json" : name.hasSuffix(".yaml") || name.hasSuffix(".yml") ? "yaml" : "other"
    return [
      "name": .string(name), "bytes": .integer(facts.size),
      "modified": .string(Timestamp(millisecondsSince1970: milliseconds).seconds),
      "format": .string(format),
    ]
  }

  private static func objects(in bytes: [UInt8], path: String) throws -> [JSONValue] {
    var documents: [JSONValue] = []
    if path.hasSuffix(".json") {
      documents = [try JSONValue(parsing: bytes)]
    } else {
      var nodes = try Yams.compose_all(yaml: String(decoding: bytes, as: UTF8.self))
      while let node = nodes.next() { documents.append(YAMLValue.json(node)) }
      // The sequence ends at a syntax error, and says so only here.
      if let error = nodes.error { throw error }
    }
    var found: [JSONValue] = []
    for document in documents {
      if let items = document["items"]?.arrayValue {
        found += items.compactMap { summary(of: $0, file: path) }
      } else if let object = summary(of: document, file: path) {
        found.append(object)
      }
    }
    return found
  }

  /// What scripts get of an object; nil for what is none.
  private static func summary(of object: JSONValue, file: String) -> JSONValue? {
    guard let version = object["apiVersion"]?.stringValue, let kind = object["kind"]?.stringValue,
      let name = object.value(at: "metadata", "name")?.stringValue
    else { return nil }
    let annotations = object.value(at: "metadata", "annotations")
    var summary: JSONValue = [
      "file": .string(file), "api_version": .string(version), "kind": .string(kind),
      "name": .string(name),
      "paused": .bool(annotations?["crossplane.io/paused"]?.stringValue == "true"),
    ]
    summary["namespace"] = object.value(at: "metadata", "namespace")
    summary["external_name"] = annotations?["crossplane.io/external-name"]
    if kind == "Secret" {
      let data = (object["data"]?.objectValue ?? [:]).merging(
        object["stringData"]?.objectValue ?? [:]
      ) { first, _ in first }
      summary["secret_keys"] = .array(data.keys.sorted().map { .string($0) })
      // Encrypted by sops, its values say so; a SealedSecret is another kind.
      summary["secret_plain"] = .bool(
        data.values.contains { $0.stringValue.map { !$0.isEmpty && !$0.hasPrefix("ENC[") } == true }
      )
    } else if version.contains("discord.crossplane.io/") {
      summary["spec"] = object["spec"]
    }
    return summary
  }
}
