import JSONValue
import KubeWatch

/// Where the API server keeps what an effect names; refuses what no runbook may read.
enum KubePath {
  /// The type in `gvr`.
  static func type(_ effect: JSONValue) throws(SourceFailure) -> ResourceType {
    guard let gvr = effect["gvr"], let version = gvr["version"]?.stringValue,
      let plural = gvr["resource"]?.stringValue
    else { throw SourceFailure(.refused, "gvr must be { group, version, resource }") }
    let group = gvr["group"]?.stringValue ?? ""
    guard isLabel(version), isLabel(plural),
      group.isEmpty
        || group.split(
          separator: ".", omittingEmptySubsequences: false
        ).allSatisfy({ isLabel(String($0)) })
    else { throw SourceFailure(.refused, "\(group)/\(version)/\(plural) is no type") }
    // Paths with and without a namespace differ only by that namespace; kinds are not needed.
    return ResourceType(group: group, version: version, kind: "", plural: plural)
  }

  /// Refuses the type whose content is secret.
  static func admit(_ type: ResourceType) throws(SourceFailure) {
    guard type.plural != "secrets" else {
      throw SourceFailure(
        .refused, "Secrets are never read; secret.fingerprint gives what may be known")
    }
  }

  /// A name that may stand in a path.
  static func name(_ text: String) throws(SourceFailure) -> String {
    guard text != ".", text != "..", !text.utf8.contains(47), text.utf8.count <= 253 else {
      throw SourceFailure(.refused, "\"\(text)\" is no name")
    }
    return text
  }

  /// A path and query of `kube.raw`, when it may be read.
  static func raw(_ text: String) throws(SourceFailure) -> (path: String, query: [(String, String)])
  {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts[0])
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let roots: Set<String> = [
      "api", "apis", "version", "healthz", "livez", "readyz", "metrics", "openapi",
    ]
    guard segments.count >= 2, segments[0].isEmpty, roots.contains(segments[1]) else {
      throw SourceFailure(
        .refused, "a path begins with /api, /apis, /version, /healthz or the like")
    }
    let plain = path.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || [45, 46, 47, 58, 95, 126].contains(byte)
    }
    let closed: Set<String> = [
      "secrets", "exec", "attach", "portforward", "proxy", "token", "log", "", ".", "..",
    ]
    guard plain, closed.isDisjoint(with: segments.dropFirst(2)) else {
      throw SourceFailure(.refused, "\(path) is closed to runbooks")
    }
    var query: [(String, String)] = []
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(sides[0])
      guard !["watch", "follow"].contains(name) else {
        throw SourceFailure(.refused, "an answer without an end: \(name)")
      }
      query.append((name, sides.count > 1 ? String(sides[1]) : ""))
    }
    return (path, query)
  }

  private static func isLabel(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 63
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (97...122).contains($0) || $0 == 45
      }
  }
}
