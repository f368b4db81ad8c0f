import HTTPTypes
import Hummingbird
import JSONValue
import Logging
import NIOCore

/// Between Hummingbird and the cluster: reads requests, writes replies, streams watches.
struct KubeResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let hub: ClusterHub
  let token: String?
  let pods: PodBackend?
  let logger: Logger

  private static let maximumBody = 16 << 20
  private static let warningName = HTTPField.Name("Warning") ?? .contentType

  func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
    // The request's own body is kept: the watch listens on it for the client's going away.
    var copy = request
    let body = try await copy.collectBody(upTo: Self.maximumBody)
    let kube = Self.translate(request, body: body)
    guard isAuthorized(request) else { return Self.response(KubeReply(.unauthorized())) }
    if kube.path == "/sandbox/faults" { return Self.response(control(kube)) }
    if let fault = hub.fault(for: kube), let reply = try await suffer(fault, kube) {
      return Self.response(reply)
    }
    if let pods, let wanted = PodBackend.Request(kube.path) {
      return Self.response(await answer(wanted, pods, kube))
    }
    switch hub.respond(to: kube) {
    case .reply(let reply):
      logger.debug(
        "request",
        metadata: [
          "method": .string(kube.method), "path": .string(kube.path),
          "status": .stringConvertible(reply.status),
        ])
      return Self.response(reply)
    case .watch(let session):
      logger.debug("watch", metadata: ["path": .string(kube.path)])
      return Response(
        status: .ok,
        headers: [.contentType: session.contentType, .cacheControl: "no-cache, private"],
        body: stream(session, of: copy))
    }
  }

  private func answer(
    _ wanted: PodBackend.Request, _ pods: PodBackend, _ request: KubeRequest
  ) async -> KubeReply {
    let read = KubeRequest(method: "GET", path: wanted.podPath)
    guard case .reply(let reply) = hub.respond(to: read) else {
      return KubeReply(.methodNotAllowed())
    }
    guard reply.status == 200, let pod = try? JSONValue(parsing: reply.body) else { return reply }
    return await pods.answer(wanted, pod: pod, request)
  }

  private func isAuthorized(_ request: Request) -> Bool {
    guard let token else { return true }
    return request.headers[.authorization] == "Bearer \(token)"
  }

  // MARK: Translation

  private static func translate(_ request: Request, body: ByteBuffer) -> KubeRequest {
    let query = (request.uri.query ?? "").split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        name: PercentText.decode(parts[0], plusIsSpace: true),
        value: parts.count > 1 ? PercentText.decode(parts[1], plusIsSpace: true) : ""
      )
    }
    return KubeRequest(
      method: request.method.rawValue,
      path: PercentText.decode(request.uri.path[...], plusIsSpace: false), query: query,
      accept: request.headers[.accept] ?? "", contentType: request.headers[.contentType] ?? "",
      userAgent: request.headers[.userAgent] ?? "", body: Array(body.readableBytesView))
  }

  private static func response(_ reply: KubeReply) -> Response {
    var headers: HTTPFields = [
      .contentType: reply.contentType, .cacheControl: "no-cache, private",
    ]
    for warning in reply.warnings {
      let text = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      headers.append(HTTPField(name: warningName, value: "299 - \"\(text)\""))
    }
    if reply.status == 429 || reply.status == 503 { headers[.retryAfter] = "1" }
    return Response(
      status: HTTPResponse.Status(code: reply.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
  }

  // MARK: Watches

  private func stream(_ session: WatchSession, of request: Request) -> ResponseBody {
    ResponseBody { [hub] writer in
      let (id, signals) = hub.subscribe()
      defer { hub.unsubscribe(id) }
      var session = session
      // An empty write sends the head, so that the client knows that the watch is open.
      try await writer.write(ByteBuffer())
      // A client that goes away ends the watch although there is nothing to write to it.
      try await request.body.consumeWithCancellationOnInboundClose { _ in
        for await _ in signals {
          let (bytes, isOver) = hub.frames(for: &session, watcher: id)
          if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
          if isOver { break }
        }
      }
      try await writer.finish(nil)
    }
  }

  // MARK: Faults

  /// Waits as a fault demands; the reply when the fault answers.
  private func suffer(_ fault: KubeFault, _ request: KubeRequest) async throws -> KubeReply? {
    if fault.delayMilliseconds > 0 {
      try await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
    }
    while fault.hangs, hub.isHanging(request) {
      try await Task.sleep(for: .milliseconds(50))
    }
    if fault.isAfterwards { _ = hub.respond(to: request) }
    return fault.reply
  }

  /// `/sandbox/faults`: POST adds a fault, DELETE ends all.
  private func control(_ request: KubeRequest) -> KubeReply {
    switch request.method {
    case "POST":
      guard let value = try? JSONValue(parsing: request.body), value.objectValue != nil else {
        return KubeReply(.badRequest("a fault is a JSON object"))
      }
      hub.inject(KubeFault(value))
      return KubeReply(status: 201, value)
    case "DELETE":
      hub.clearFaults()
      return KubeReply([:])
    default: return KubeReply(.methodNotAllowed())
    }
  }
}
