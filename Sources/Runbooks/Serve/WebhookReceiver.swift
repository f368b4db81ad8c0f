package import Engine
import Hummingbird
import JSONValue
package import Logging
import NIOCore
package import ServiceLifecycle

/// The HTTP side of `runbook serve`: Alertmanager's webhook, `/healthz`, `/readyz`, `/metrics`.
package struct WebhookReceiver: Sendable {
  /// Where Alertmanager sends its messages.
  package static let path = "/api/v1/alerts"

  private let address: ListenAddress
  private let registry: MetricRegistry
  private let token: (@Sendable () throws -> String)?
  private let service: RunbookService
  private let logger: Logger

  /// - Parameter token: what Alertmanager must send as its bearer token, read anew for each message;
  ///   nil when anybody may send.
  package init(
    address: ListenAddress, registry: MetricRegistry,
    token: (@Sendable () throws -> String)?, service: RunbookService, logger: Logger
  ) {
    self.address = address
    self.registry = registry
    self.token = token
    self.service = service
    self.logger = logger
  }

  /// The server as a service; it ends with its service group.
  ///
  /// - Parameter listening: told the port, which matters where port 0 was asked for.
  package func server(
    listening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) -> any Service {
    address.server(router(), logger: logger, listening: listening)
  }

  func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("healthz") { _, _ in "ok\n" }
    router.get("readyz") { _, _ in "ok\n" }
    router.get("metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: self.registry.render())))
    }
    router.post("api/v1/alerts") { request, _ in await self.receive(request) }
    return router
  }

  private func receive(_ request: Request) async -> Response {
    do {
      guard try isAllowed(request) else {
        return Self.answer(.unauthorized, ["error": "the bearer token is missing or wrong"])
      }
    } catch {
      // Without the token nobody can be let in, and Alertmanager is to try again.
      logger.error("cannot read the webhook's token", metadata: ["error": "\(error)"])
      return Self.answer(.serviceUnavailable, ["error": "the token's file can't be read"])
    }
    guard let buffer = try? await request.body.collect(upTo: AlertmanagerMessage.sizeLimit) else {
      service.refused()
      return Self.answer(
        .contentTooLarge,
        ["error": "the body is larger than \(AlertmanagerMessage.sizeLimit) bytes"])
    }
    let message: AlertmanagerMessage
    do throws(AlertmanagerMessage.Malformed) {
      message = try AlertmanagerMessage(parsing: Array(buffer.readableBytesView))
    } catch {
      service.refused()
      return Self.answer(.badRequest, ["error": error.description])
    }
    let answer = service.receive(message.alerts)
    let body: [String: JSONValue] = [
      "accepted": .integer(Int64(answer.accepted)),
      "duplicates": .integer(Int64(answer.duplicates)),
      "withoutRunbook": .array(answer.unknown.map { .string($0) }),
      "refused": .integer(Int64(answer.refused)),
    ]
    // Alertmanager sends again what is answered with 5xx; what was accepted is then a duplicate.
    let status: HTTPResponse.Status = answer.refused > 0 ? .serviceUnavailable : .accepted
    var response = Self.response(status, .object(body))
    if answer.refused > 0 { response.headers[.retryAfter] = "30" }
    return response
  }

  private func isAllowed(_ request: Request) throws -> Bool {
    guard let token else { return true }
    let expected = Array("Bearer \(try token())".utf8)
    return ConstantTime.equal(Array((request.headers[.authorization] ?? "").utf8), expected)
  }

  private static func answer(_ status: HTTPResponse.Status, _ body: [String: String]) -> Response {
    response(status, .object(body.mapValues { .string($0) }))
  }

  private static func response(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(string: body.serializedText() + "\n")))
  }
}
