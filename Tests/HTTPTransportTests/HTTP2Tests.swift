import Foundation
import HTTPTransport
import Testing

/// Against a server that speaks just enough HTTP/2 (RFC 9113) to misbehave on purpose.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct HTTP2Tests {
  @Test func requestsAreMultiplexedOverOneConnection() async throws {
    let server = try HTTP2Server(answers: 1000)
    let transport = CurlTransport(tls: server.tls)
    try await withThrowingTaskGroup { group in
      for number in 0..<40 {
        let body = number % 2 == 0 ? nil : [UInt8](repeating: 120, count: 1000)
        let request = HTTPRequest(
          method: body == nil ? "GET" : "POST", url: server.url, body: body)
        group.addTask { try await transport.send(request) }
      }
      for try await response in group {
        #expect(response.status == 200)
        #expect(response.version == .http2)
      }
    }
    await transport.shutdown()
    let log = server.stop()
    #expect(log.filter { $0 == "connection" }.count == 1)
    #expect(log.filter { $0 == "request with body" }.count == 20)
    #expect(log.filter { $0 == "request" }.count == 20)
  }

  @Test(arguments: ["POST", "PATCH"])
  func aWriteOnAConnectionThatDiesIsNotRepeated(method: String) async throws {
    let server = try HTTP2Server(answers: 1)
    let transport = CurlTransport(tls: server.tls)
    let first = try await transport.send(HTTPRequest(method: "GET", url: server.url))
    #expect(first.version == .http2)
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(HTTPRequest(method: method, url: server.url, body: [123, 125]))
    }
    #expect(error?.kind == .connectionLost)
    #expect(error?.requestMayHaveBeenSent == true)
    await transport.shutdown()
    #expect(server.stop().filter { $0 == "request with body" }.count == 1)
  }
}

/// A Python process: TLS with ALPN `h2`, and frames by hand. It answers the first requests of a
/// connection and drops the connection at the next one, after reading all of it.
private final class HTTP2Server {
  let url: String
  let tls: TLSSettings
  private let material: TLSMaterial
  private let process = Process()
  private let output = Pipe()

  init(answers: Int) throws {
    material = try TLSMaterial()
    tls = TLSSettings(certificateAuthority: material.bytes("ca.crt"))
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", Self.program, material.path("server.crt"), material.path("server.key"),
      "\(answers)",
    ]
    process.standardOutput = output
    try process.run()
    var text = ""
    while !text.hasSuffix("\n") {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "the HTTP/2 server ended: is python3 installed?")
      text += String(decoding: data, as: UTF8.self)
    }
    url = "https://127.0.0.1:\(text.filter(\.isNumber))/"
  }

  /// Ends the server and tells what it saw.
  func stop() -> [String] {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static let program = """
    import socket, ssl, struct, sys, threading
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) \\
            + struct.pack(">I", stream) + payload

    def serve(raw):
        with context.wrap_socket(raw, server_side=True) as tls:
            print("connection", flush=True)
            reader = tls.makefile("rb")
            reader.read(24)
            tls.sendall(frame(4, 0, 0))
            answered = 0
            while True:
                head = reader.read(9)
                if len(head) < 9:
                    return
                size = int.from_bytes(head[:3], "big")
                kind, flags = head[3], head[4]
                stream = int.from_bytes(head[5:], "big")
                reader.read(size)
                if kind == 4 and not flags & 1:
                    tls.sendall(frame(4, 1, 0))
                if kind in (0, 1) and flags & 1:
                    print("request" if kind == 1 else "request with body", flush=True)
                    if answered == int(sys.argv[3]):
                        return
                    answered += 1
                    tls.sendall(frame(1, 5, stream, bytes([0x88])))

    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()
    """
}
