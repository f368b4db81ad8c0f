import ArgumentParser
import Engine
import JSONValue
import LuaBridge
import Runbooks

/// Writes a bundle of evidence as a folder or as a tar archive.
enum EvidenceFiles {
  static func write(_ report: RunReport, to path: String, scripts: RunbookScripts) throws {
    let versions = [
      "provider-discord": ProviderDiscord.version,
      "scripts": (try? scripts.library().bundle.hash) ?? "unknown",
      "schema": JSONReport.schema,
    ]
    let bundle: EvidenceBundle
    do throws(EvidenceBundle.SecretFound) {
      bundle = try EvidenceBundle(report, versions: versions)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitCode(RunbookExit.toolError.rawValue)
    }
    if path.hasSuffix(".tar") {
      let seconds = report.startedAt.millisecondsSince1970 / 1000
      try TextFile.write(TarArchive.bytes(of: bundle.files, modified: seconds), to: path)
      return
    }
    for file in bundle.files {
      let target = "\(path)/\(file.path)"
      try TextFile.makeFolder(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
      try TextFile.write(file.bytes, to: target)
    }
  }
}
