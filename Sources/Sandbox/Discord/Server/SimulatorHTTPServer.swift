import Glibc
import HTTPTypes
import HummingbirdCore
package import Logging
package import NIOCore
package import ServiceLifecycle

/// An HTTP/1.1 server that gives each request to a function and can do to a connection what no
/// honest server does: reset it without an answer, or in the middle of one. It uses Hummingbird's
/// server alone, because its application layer always sets `Date` and always answers.
package enum SimulatorHTTPServer {
  /// Largest request body that is read.
  static let bodyLimit = 32 << 20

  /// The connection was reset on purpose.
  private struct Reset: Error {}

  /// A server that listens on this address; `bound` is told the port that it got.
  package static func make(
    host: String, port: Int, eventLoopGroup: any EventLoopGroup, logger: Logger,
    bound: @escaping @Sendable (Int) async -> Void,
    respond: @escaping @Sendable (SimulatedRequest) async throws -> SimulatedOutcome
  ) throws -> any Service {
    let server = try HTTPServerBuilder.http1().buildServer(
      configuration: ServerConfiguration(address: .hostname(host, port: port)),
      eventLoopGroup: eventLoopGroup, logger: logger,
      responder: { request, writer, channel in
        let outcome = try await respond(Self.simulated(request))
        switch outcome.delivery {
        case .whole:
          try await writer.write(
            response: head(of: outcome),
            body: outcome.body.isEmpty
              ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: outcome.body)))
        case .reset:
          // With nothing to linger for, closing sends RST and not FIN.
          if let socket = channel as? any SocketOptionProvider {
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
          }
          try? await channel.close()
          throw Reset()
        case .resetAfter(let bytes):
          let body = try await writer.writeHead(head(of: outcome))
          var open: any ResponseBodyWriter = body
          try await open.write(ByteBuffer(bytes: outcome.body.prefix(bytes)))
          try? await channel.close()
          throw Reset()
        }
      },
      onServerRunning: { channel in
        await bound(channel.localAddress?.port ?? port)
      })
    return Listener(server: server, address: "\(host):\(port)")
  }

  /// A server that says where it could not listen, and not only why.
  private struct Listener: Service {
    let server: any Service
    let address: String

    func run() async throws {
      do {
        try await server.run()
      } catch let error as IOError {
        let reason = unsafe String(cString: strerror(error.errnoCode))
        throw DiscordSimulator.StartError(description: "cannot listen on \(address): \(reason)")
      }
    }
  }

  private static func simulated(_ request: Request) async throws -> SimulatedRequest {
    var result = SimulatedRequest(
      method: request.method.rawValue, target: request.head.path ?? "/")
    for field in request.headers {
      switch field.name {
      case .authorization: result.authorization = field.value
      case .userAgent: result.userAgent = field.value
      case .contentType: result.contentType = field.value
      case Self.reasonName: result.auditLogReason = field.value
      default: break
      }
    }
    // Who sends half a request and then nothing does not hold up the end of the simulator.
    let body = try await cancelWhenGracefulShutdown { try await Self.body(of: request) }
    result.body = body ?? []
    result.isTooLarge = body == nil
    return result
  }

  /// The whole body; nil when it is too large. It is read to its end all the same, for a client that
  /// is still sending sees a lost connection instead of the answer.
  private static func body(of request: Request) async throws -> [UInt8]? {
    var bytes = ByteBuffer()
    var isTooLarge = false
    for try await var part in request.body {
      isTooLarge = isTooLarge || bytes.readableBytes + part.readableBytes > bodyLimit
      if isTooLarge { bytes = ByteBuffer() } else { bytes.writeBuffer(&part) }
    }
    return isTooLarge ? nil : Array(bytes.readableBytesView)
  }

  private static let reasonName = HTTPField.Name("X-Audit-Log-Reason")

  private static func head(of outcome: SimulatedOutcome) -> HTTPResponse {
    var fields = HTTPFields()
    fields.reserveCapacity(outcome.headers.count + 1)
    for header in outcome.headers {
      guard let name = HTTPField.Name(header.name) else { continue }
      fields.append(HTTPField(name: name, value: header.value))
    }
    if outcome.status != 204 { fields[.contentLength] = String(outcome.body.count) }
    return HTTPResponse(status: .init(code: outcome.status), headerFields: fields)
  }
}
