import Glibc
import HTTPTransport
import Synchronization
import Testing

/// What a lost connection, a time limit or a cancellation looks like, and whether the request may
/// have been performed.
@Suite(.timeLimit(.minutes(1)))
struct CurlTransportFailureTests {
  let transport = CurlTransport()

  /// Answers the first request of each connection and drops the connection on the second, after it
  /// read all of it: what a server that performed a request and then died looks like.
  private func dropsSecondRequest() -> LoopbackServer {
    LoopbackServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.answer(200)
      _ = connection.readRequest()
    }
  }

  @Test(arguments: ["POST", "PATCH", "PUT"])
  func aWriteOnAConnectionThatDiesIsNotRepeated(method: String) async throws {
    let server = dropsSecondRequest()
    defer { server.stop() }
    _ = try await transport.send(HTTPRequest(method: "GET", url: server.url))
    let error = await failure(HTTPRequest(method: method, url: server.url, body: [123, 125]))
    #expect(error?.kind == .connectionLost)
    #expect(error?.requestMayHaveBeenSent == true)
    #expect(server.requestLines.filter { $0.hasPrefix(method) }.count == 1)
  }

  @Test(arguments: [nil, [UInt8]()])
  func aPostWithoutContentIsNotRepeatedEither(body: [UInt8]?) async throws {
    let posts = Mutex(0)
    let server = LoopbackServer { connection in
      while let request = connection.readRequest() {
        if request.line.hasPrefix("POST") {
          posts.withLock { $0 += 1 }
          return
        }
        connection.answer(200)
      }
    }
    defer { server.stop() }
    _ = try await transport.send(HTTPRequest(method: "GET", url: server.url))
    let error = await failure(HTTPRequest(method: "POST", url: server.url, body: body))
    #expect(error?.kind == .connectionLost)
    #expect(posts.withLock { $0 } == 1)
  }

  @Test func aReadOnAConnectionThatDiesIsRepeatedOnANewOne() async throws {
    let server = dropsSecondRequest()
    defer { server.stop() }
    for _ in 0..<2 {
      let response = try await transport.send(HTTPRequest(method: "GET", url: server.url))
      #expect(response.status == 200)
    }
    #expect(server.connectionCount == 2)
  }

  @Test func aRefusedConnectionSentNothing() async {
    let server = LoopbackServer { _ in }
    server.stop()
    let error = await failure(HTTPRequest(method: "POST", url: server.url, body: [1]))
    #expect(error?.kind == .cannotConnect)
    #expect(error?.requestMayHaveBeenSent == false)
  }

  @Test func aResetBeforeTheHeadersMayHaveBeenPerformed() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.reset()
    }
    defer { server.stop() }
    let error = await failure(HTTPRequest(method: "POST", url: server.url, body: [1]))
    #expect(error?.kind == .connectionLost)
    #expect(error?.requestMayHaveBeenSent == true)
  }

  @Test func aBodyThatEndsEarlyIsALostConnection() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf")
    }
    defer { server.stop() }
    let error = await failure(HTTPRequest(method: "GET", url: server.url))
    #expect(error?.kind == .connectionLost)
    #expect(error?.requestMayHaveBeenSent == true)
  }

  @Test func aRequestThatTheServerNeverReadToItsEndWasNotSent() async {
    // Larger than what the sockets of both sides buffer, so that libcurl cannot have sent all.
    let server = LoopbackServer { connection in
      for _ in 0..<10 { _ = connection.readByte() }
      connection.reset()
    }
    defer { server.stop() }
    let body = [UInt8](repeating: 120, count: 64 << 20)
    let error = await failure(HTTPRequest(method: "POST", url: server.url, body: body))
    #expect(error?.kind == .connectionLost)
    #expect(error?.requestMayHaveBeenSent == false)
  }

  @Test func aServerThatNeverAnswersTimesOut() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      _ = connection.readByte()
    }
    defer { server.stop() }
    let error = await failure(
      HTTPRequest(method: "POST", url: server.url, body: [1], timeout: .milliseconds(200)))
    #expect(error?.kind == .timedOut)
    #expect(error?.requestMayHaveBeenSent == true)
  }

  @Test func aSlowBodyTimesOutAsWell() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")
      while connection.write("x") { usleep(20_000) }
    }
    defer { server.stop() }
    let error = await failure(
      HTTPRequest(method: "GET", url: server.url, timeout: .milliseconds(300)))
    #expect(error?.kind == .timedOut)
  }

  @Test func cancellingTheTaskEndsTheExchange() async {
    let clientLeft = Mutex(false)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      if connection.readByte() == nil { clientLeft.withLock { $0 = true } }
    }
    defer { server.stop() }
    let task = Task { await failure(HTTPRequest(method: "POST", url: server.url, body: [1])) }
    #expect(await eventually { server.requestLines.count == 1 })
    task.cancel()
    let error = await task.value
    #expect(error?.kind == .cancelled)
    #expect(error?.requestMayHaveBeenSent == true)
    #expect(await eventually { clientLeft.withLock { $0 } })
  }

  @Test func aTaskThatIsAlreadyCancelledSendsNothing() async {
    let server = LoopbackServer { _ in }
    defer { server.stop() }
    let gate = Mutex(false)
    let task = Task {
      while !gate.withLock({ $0 }) { await Task.yield() }
      return await failure(HTTPRequest(method: "POST", url: server.url, body: [1]))
    }
    task.cancel()
    gate.withLock { $0 = true }
    let error = await task.value
    #expect(error?.kind == .cancelled)
    #expect(error?.requestMayHaveBeenSent == false)
    #expect(server.connectionCount == 0)
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
