package import Hummingbird
package import JSONValue
package import Logging
import NIOCore

/// The operators' door: `/healthz`, `/readyz`, `/metrics`, `/debug/state` and the status page.
package struct AdminServer: Sendable {
  /// Why the server does not run, with what to do.
  package struct StartError: Error, CustomStringConvertible {
    package let description: String
  }

  private let address: ListenAddress
  private let registry: MetricRegistry
  private let liveness: Liveness
  private let readiness: Readiness
  private let debugState: @Sendable () -> JSONValue
  private let logger: Logger
  private let statusPage: StatusPage?
  private let probe: Probe?

  /// Answers the body of `POST /debug/probe`.
  package typealias Probe = @Sendable ([UInt8]) async -> (status: Int, body: JSONValue)

  /// Makes a server that is not yet listening.
  ///
  /// - Parameters:
  ///   - statusPage: what is served at `/`; nil for nothing.
  ///   - probe: looks at the network on behalf of runbooks; nil for no such path.
  package init(
    address: ListenAddress, registry: MetricRegistry, liveness: Liveness, readiness: Readiness,
    debugState: @escaping @Sendable () -> JSONValue, statusPage: StatusPage? = nil,
    probe: Probe? = nil, logger: Logger
  ) {
    self.address = address
    self.registry = registry
    self.liveness = liveness
    self.readiness = readiness
    self.debugState = debugState
    self.statusPage = statusPage
    self.probe = probe
    self.logger = logger
  }

  /// The server as a service; it ends with its service group.
  ///
  /// - Parameter listening: told the port, which matters where port 0 was asked for.
  package func application(
    listening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) -> some ApplicationProtocol {
    address.server(router(), logger: logger, listening: listening)
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("healthz") { request, _ in
      let isVerbose = request.uri.queryParameters["verbose"] != nil
      return Self.report(
        self.liveness.results(), isVerbose: isVerbose, failed: .internalServerError,
        "not healthy\n")
    }
    router.get("readyz") { request, _ in
      let isVerbose = request.uri.queryParameters["verbose"] != nil
      return Self.report(
        self.readiness.results(), isVerbose: isVerbose, failed: .serviceUnavailable,
        "not ready\n")
    }
    router.get("metrics") { _, _ in
      Self.response(
        .ok, "text/plain; version=0.0.4; charset=utf-8", self.registry.render())
    }
    router.get("debug/state") { _, _ in
      Self.response(
        .ok, "application/json", self.debugState().serializedText(pretty: true) + "\n")
    }
    if let probe {
      router.post("debug/probe") { request, _ in
        // A page in a browser can send no JSON to another site unasked.
        guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
          return Self.response(.unsupportedMediaType, "text/plain", "send application/json\n")
        }
        var request = request
        let bytes = try await request.collectBody(upTo: 4_096)
        let (status, body) = await probe(Array(bytes.readableBytesView))
        return Self.response(
          HTTPResponse.Status(code: status), "application/json", body.serializedText() + "\n")
      }
    }
    statusPage?.addRoutes(to: router)
    return router
  }

  private static func report(
    _ checks: [Readiness.Check], isVerbose: Bool, failed status: HTTPResponse.Status,
    _ verdict: String
  ) -> Response {
    let failed = checks.filter { $0.failure != nil }
    var text = ""
    if isVerbose || !failed.isEmpty {
      for check in checks {
        text += check.failure.map { "[-]\(check.name) failed: \($0)\n" } ?? "[+]\(check.name) ok\n"
      }
    }
    text += failed.isEmpty ? "ok\n" : verdict
    return response(
      failed.isEmpty ? .ok : status, "text/plain; charset=utf-8", text)
  }

  private static func response(
    _ status: HTTPResponse.Status, _ type: String, _ text: String
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
