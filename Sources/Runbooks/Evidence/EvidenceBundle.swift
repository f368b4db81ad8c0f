import JSONValue

/// A report with all that belongs to it, for a ticket. What looks like a secret keeps the whole
/// bundle from being written.
package struct EvidenceBundle: Sendable {
  /// A secret where none may be.
  package struct SecretFound: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let kinds: [SecretScanner.Kind]

    package var description: String {
      "\(file) would hold \(kinds.map(\.rawValue).joined(separator: " and ")): no bundle was written"
    }
  }

  /// Paths within the bundle, and contents; sorted, the list of hashes last.
  package let files: [(path: String, bytes: [UInt8])]

  /// - Parameters:
  ///   - versions: what ran, by name: the program, the scripts' hash, the server.
  /// - Throws: `SecretFound`.
  package init(_ report: RunReport, versions: [String: String]) throws(SecretFound) {
    var files: [(path: String, bytes: [UInt8])] = [
      (
        "report.json",
        Array((JSONReport.value(of: report).serializedText(pretty: true) + "\n").utf8)
      ),
      ("report.md", Array(MarkdownReport.text(of: report).utf8)),
      (
        "versions.json",
        Array(
          (JSONValue.object(versions.mapValues { .string($0) }).serializedText(pretty: true) + "\n")
            .utf8)
      ),
    ]
    for runbook in report.runbooks {
      for item in runbook.evidence {
        files.append((Self.path(item, of: runbook.id), item.bytes))
      }
    }
    files.sort { $0.path < $1.path }
    for file in files {
      let kinds = SecretScanner.findings(in: String(decoding: file.bytes, as: UTF8.self))
      guard kinds.isEmpty else { throw SecretFound(file: file.path, kinds: kinds) }
    }
    // As `sha256sum --check` reads it.
    let sums = files.map { "\(SHA256Digest.hex(of: $0.bytes))  \($0.path)\n" }.joined()
    self.files = files + [("SHA256SUMS", Array(sums.utf8))]
  }

  private static func path(_ item: EvidenceItem, of runbook: String) -> String {
    let name = item.name.utf8.map { byte -> UInt8 in
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      return isPlain || byte == 45 || byte == 46 ? byte : UInt8(ascii: "-")
    }
    let isJSON = item.bytes.first == UInt8(ascii: "{") || item.bytes.first == UInt8(ascii: "[")
    let text = String(decoding: name.prefix(40), as: UTF8.self)
    let hasEnding = [".json", ".log", ".txt", ".yaml"].contains { text.hasSuffix($0) }
    return "evidence/\(runbook)/\(item.id)-\(text)\(hasEnding ? "" : isJSON ? ".json" : ".txt")"
  }
}
