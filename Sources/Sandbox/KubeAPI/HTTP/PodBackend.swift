import JSONValue

/// What stands behind the Pods of the sandbox: their logs, and their ports. A Pod that stands for
/// the sandbox's own process is served by it; any other has what its annotations say.
package struct PodBackend: Sendable {
  /// The annotation of a Pod or Deployment that stands for this very process.
  package static let standsFor = "sandbox.discord.crossplane.io/stands-for"
  /// The annotation with the log of a Pod that stands for nothing.
  package static let log = "sandbox.discord.crossplane.io/log"
  /// The annotation with the log of its container before the last restart.
  package static let previousLog = "sandbox.discord.crossplane.io/previous-log"

  /// The log lines of this process, oldest first.
  package var lines: @Sendable () -> [String]
  /// Sends a request to this process' own port; nil when that is not open.
  package var send:
    @Sendable (_ method: String, _ path: String, _ body: [UInt8]) async -> KubeReply?

  /// A backend by its two ways.
  package init(
    lines: @escaping @Sendable () -> [String],
    send:
      @escaping @Sendable (_ method: String, _ path: String, _ body: [UInt8]) async ->
      KubeReply?
  ) {
    self.lines = lines
    self.send = send
  }

  /// A request for a Pod's log or port; nil for any other.
  struct Request: Sendable {
    enum Kind: Sendable, Hashable {
      case log
      /// The path behind `proxy`, from `/`.
      case proxy(path: String)
    }

    let namespace: String
    let pod: String
    let kind: Kind

    init?(_ path: String) {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 8, parts[0].isEmpty, parts[1] == "api", parts[2] == "v1",
        parts[3] == "namespaces", parts[5] == "pods"
      else { return nil }
      namespace = parts[4]
      // Of `NAME:PORT` or `http:NAME:PORT` the name.
      let names = parts[6].split(separator: ":").map(String.init)
      pod = names.count == 3 ? names[1] : names.first ?? ""
      switch parts[7] {
      case "log" where parts.count == 8: kind = .log
      case "proxy": kind = .proxy(path: "/" + parts.dropFirst(8).joined(separator: "/"))
      default: return nil
      }
    }

    var podPath: String { "/api/v1/namespaces/\(namespace)/pods/\(pod)" }
  }

  /// Answers for a Pod that exists.
  func answer(_ wanted: Request, pod: JSONValue, _ request: KubeRequest) async -> KubeReply {
    let annotations = pod.value(at: "metadata", "annotations")
    let isOurs = annotations?[Self.standsFor] != nil
    switch wanted.kind {
    case .log:
      let isPrevious = request.isSet("previous")
      let text = annotations?[isPrevious ? Self.previousLog : Self.log]?.stringValue
      guard text != nil || !isPrevious else {
        return KubeReply(
          .badRequest("previous terminated container in pod \"\(wanted.pod)\" not found"))
      }
      var lines = text?.split(separator: "\n").map(String.init) ?? (isOurs ? self.lines() : [])
      if let tail = request.parameter("tailLines").flatMap({ Int($0) }), tail >= 0 {
        lines = lines.suffix(tail)
      }
      let body = lines.map { $0 + "\n" }.joined()
      return KubeReply(status: 200, contentType: "text/plain", body: Array(body.utf8))
    case .proxy(let path):
      let query = request.query.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
      let whole = query.isEmpty ? path : path + "?" + query.joined(separator: "&")
      if isOurs, let reply = await send(request.method, whole, request.body) { return reply }
      return KubeReply(
        APIStatusError(
          code: 503, reason: "ServiceUnavailable",
          message: "error trying to reach service: dial tcp: connection refused"))
    }
  }
}
