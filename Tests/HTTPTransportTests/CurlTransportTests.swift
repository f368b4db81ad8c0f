import Dispatch
import HTTPTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CurlTransportTests {
  let transport = CurlTransport(maximumResponseBytes: 1 << 20)

  @Test func aRequestArrivesAsItWasWrittenAndNothingIsAddedToItsBody() async throws {
    let seen = Mutex<LoopbackConnection.Request?>(nil)
    let server = LoopbackServer { connection in
      while let request = connection.readRequest() {
        seen.withLock { $0 = request }
        connection.answer(201, ["X-Answer:  yes "], "made")
      }
    }
    defer { server.stop() }
    let request = HTTPRequest(
      method: "PATCH", url: "\(server.url)/a?b=c", headers: ["X-One": "1", "X-Empty": ""],
      body: Array("{}".utf8))
    let response = try await transport.send(request)
    #expect(response.status == 201)
    #expect(response.headers["x-answer"] == "yes")
    #expect(response.body == Array("made".utf8))
    let arrived = try #require(seen.withLock { $0 })
    #expect(arrived.line == "PATCH /a?b=c HTTP/1.1")
    #expect(arrived.body == Array("{}".utf8))
    let names = Set(arrived.fields.map { $0.prefix { $0 != ":" }.lowercased() })
    #expect(
      names == ["host", "accept", "accept-encoding", "x-one", "x-empty", "content-length"])
  }

  @Test(arguments: ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT"])
  func everyMethodWorksOnOneReusedHandleAndConnection(method: String) async throws {
    let server = LoopbackServer { connection in
      while let request = connection.readRequest() {
        let isHead = request.line.hasPrefix("HEAD")
        connection.write("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n\(isHead ? "" : "ok")")
      }
    }
    defer { server.stop() }
    let hasBody = method == "POST" || method == "PUT"
    for other in ["GET", method, "GET", method] {
      let body = hasBody && other == method ? Array("body".utf8) : nil
      let response = try await transport.send(
        HTTPRequest(method: other, url: server.url, body: body))
      #expect(response.body.count == (other == "HEAD" ? 0 : 2))
    }
    #expect(
      server.requestLines.map { $0.prefix { $0 != " " } } == [
        "GET", method[...], "GET", method[...],
      ])
    #expect(server.connectionCount == 1)
  }

  @Test func fortyRequestsAreInFlightAtOnceAgainstOneHost() async throws {
    let waiting = Mutex(0)
    let allAreThere = DispatchSemaphore(value: 0)
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil {
        let count = waiting.withLock { waiting in
          waiting += 1
          return waiting
        }
        if count == 40 { for _ in 0..<40 { allAreThere.signal() } }
        allAreThere.wait()
        connection.answer(200)
      }
    }
    defer { server.stop() }
    try await withThrowingTaskGroup { group in
      for _ in 0..<40 {
        group.addTask { try await transport.send(HTTPRequest(method: "GET", url: server.url)) }
      }
      for try await response in group { #expect(response.status == 200) }
    }
  }

  @Test func aCompressedBodyComesUncompressed() async throws {
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil {
        connection.write(
          "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: \(compressed.count)\r\n\r\n")
        connection.write(compressed)
      }
    }
    defer { server.stop() }
    let response = try await transport.send(HTTPRequest(method: "GET", url: server.url))
    #expect(response.body == Array(String(repeating: "compressed ", count: 20).utf8))
  }

  @Test func aRedirectIsAnAnswerLikeAnyOther() async throws {
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil { connection.answer(302, ["Location: /other"]) }
    }
    defer { server.stop() }
    let response = try await transport.send(HTTPRequest(method: "GET", url: server.url))
    #expect(response.status == 302)
    #expect(server.requestLines == ["GET / HTTP/1.1"])
  }

  @Test func cookiesAreNotKept() async throws {
    let server = LoopbackServer { connection in
      while let request = connection.readRequest() {
        let sentCookie = request.fields.contains { $0.lowercased().hasPrefix("cookie") }
        connection.answer(sentCookie ? 500 : 200, ["Set-Cookie: a=b"])
      }
    }
    defer { server.stop() }
    for _ in 0..<2 {
      let response = try await transport.send(HTTPRequest(method: "GET", url: server.url))
      #expect(response.status == 200)
    }
  }

  @Test func anAnswerOverTheLimitIsRefused() async throws {
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil {
        connection.answer(200, [], String(repeating: "x", count: 2 << 20))
      }
    }
    defer { server.stop() }
    let error = await failure(HTTPRequest(method: "GET", url: server.url))
    #expect(error?.kind == .responseTooLarge)
  }

  @Test func headersOverTheLimitAreRefused() async throws {
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil {
        let value = String(repeating: "x", count: 9_000)
        connection.answer(200, (0..<30).map { "X-\($0): \(value)" })
      }
    }
    defer { server.stop() }
    let error = await failure(HTTPRequest(method: "GET", url: server.url))
    #expect(error?.kind == .responseTooLarge)
  }

  @Test(arguments: ["not a url", "ftp://127.0.0.1/", "file:///etc/passwd", "http://"])
  func whatIsNoHTTPURLIsRefusedUnsent(url: String) async {
    let error = await failure(HTTPRequest(method: "GET", url: url))
    #expect(error?.kind == .invalidRequest)
    #expect(error?.requestMayHaveBeenSent == false)
  }

  @Test func aForgedHeaderIsRefusedUnsent() async {
    var request = HTTPRequest(method: "GET", url: "http://127.0.0.1:1")
    request.headers.add("X-Audit-Log-Reason", "a\r\nAuthorization: Bot x")
    let error = await failure(request)
    #expect(error?.kind == .invalidRequest)
  }

  @Test func shutdownFailsWhatIsInFlightAndWhatComesLater() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      _ = connection.readByte()
    }
    defer { server.stop() }
    let request = HTTPRequest(method: "POST", url: server.url, body: [1])
    async let inFlight = failure(request)
    #expect(await eventually { server.requestLines.count == 1 })
    await transport.shutdown()
    let first = await inFlight
    #expect(first?.kind == .shutDown)
    #expect(first?.requestMayHaveBeenSent == true)
    let second = await failure(request)
    #expect(second?.kind == .shutDown)
    #expect(second?.requestMayHaveBeenSent == false)
    await transport.shutdown()
  }

  private func failure(_ request: HTTPRequest) async -> TransportError? {
    do {
      _ = try await transport.send(request)
      return nil
    } catch {
      return error
    }
  }
}

/// "compressed " twenty times through gzip.
private let compressed: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 206, 207, 45, 40, 74, 45, 46, 78, 77, 81, 72, 30, 110, 76, 0,
  164, 22, 250, 233, 220, 0, 0, 0,
]
