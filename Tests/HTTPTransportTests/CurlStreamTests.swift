import Dispatch
import Synchronization
import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(1)))
struct CurlStreamTests {
  let transport = CurlTransport(maximumResponseBytes: 1000)

  /// Comes back when a request that began now has timed out after `time`: so long the transport's own
  /// clock has run.
  private func pass(_ time: Duration) async {
    let silent = LoopbackServer { connection in
      _ = connection.readRequest()
      _ = connection.readByte()
    }
    defer { silent.stop() }
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(HTTPRequest(method: "GET", url: silent.url, timeout: time))
    }
    #expect(error?.kind == .timedOut)
  }

  @Test func chunksArriveWhileTheAnswerIsStillBeingWritten() async throws {
    let mayGoOn = DispatchSemaphore(value: 0)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n")
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Real: 1\r\n\r\n")
      connection.write("5\r\nfirst\r\n")
      mayGoOn.wait()
      connection.write("6\r\nsecond\r\n0\r\n\r\n")
    }
    defer { server.stop() }
    let response = try await transport.stream(HTTPRequest(method: "GET", url: server.url))
    #expect(response.status == 200)
    #expect(response.headers["X-Real"] == "1")
    #expect(response.headers["Link"] == nil)
    #expect(try await response.body.next() == Array("first".utf8))
    mayGoOn.signal()
    #expect(try await response.body.next() == Array("second".utf8))
    #expect(try await response.body.next() == nil)
    #expect(try await response.body.next() == nil)
  }

  @Test func anEmptyAnswerIsAStreamThatEnds() async throws {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.answer(204)
    }
    defer { server.stop() }
    let response = try await transport.stream(HTTPRequest(method: "GET", url: server.url))
    #expect(response.status == 204)
    #expect(try await response.body.next() == nil)
  }

  @Test func aReaderThatDoesNotPullHoldsTheServerBackAndLosesNothing() async throws {
    let total = 64 << 20
    let written = Mutex(0)
    let hasPaused = Mutex(false)
    let transport = CurlTransport(streamPaused: { hasPaused.withLock { $0 = true } })
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 120, count: 64 << 10)
      while written.withLock({ $0 }) < total, connection.write(piece) {
        written.withLock { $0 += piece.count }
      }
    }
    defer { server.stop() }
    let limit = Duration.milliseconds(200)
    let response = try await transport.stream(
      HTTPRequest(method: "GET", url: server.url, idleTimeout: limit))
    #expect(await eventually { hasPaused.withLock { $0 } })
    // A server that were not held back would be done by then, and a reader that is slow is not silence.
    await pass(limit * 2)
    #expect(written.withLock { $0 } < total)
    var received = 0
    for try await chunk in response.body { received += chunk.count }
    #expect(received == total)
  }

  @Test func silenceEndsAStream() async throws {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      _ = connection.readByte()
    }
    defer { server.stop() }
    let response = try await transport.stream(
      HTTPRequest(method: "GET", url: server.url, idleTimeout: .milliseconds(200)))
    #expect(try await response.body.next() == Array("some".utf8))
    let error = await #expect(throws: TransportError.self) { try await response.body.next() }
    #expect(error?.kind == .timedOut)
  }

  @Test func headersThatDoNotComeTimeOut() async {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      _ = connection.readByte()
    }
    defer { server.stop() }
    let error = await #expect(throws: TransportError.self) {
      try await transport.stream(
        HTTPRequest(method: "GET", url: server.url, timeout: .milliseconds(200)))
    }
    #expect(error?.kind == .timedOut)
  }

  @Test func theExchangesTimeLimitEndsWithTheHeaders() async throws {
    let mayGoOn = DispatchSemaphore(value: 0)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
      mayGoOn.wait()
      connection.write("late")
    }
    defer { server.stop() }
    let limit = Duration.milliseconds(300)
    let response = try await transport.stream(
      HTTPRequest(method: "GET", url: server.url, timeout: limit))
    await pass(limit)
    mayGoOn.signal()
    #expect(try await response.body.next() == Array("late".utf8))
  }

  @Test func aResetInTheMiddleComesAfterWhatArrived() async throws {
    let mayReset = DispatchSemaphore(value: 0)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      mayReset.wait()
      connection.reset()
    }
    defer { server.stop() }
    let response = try await transport.stream(HTTPRequest(method: "GET", url: server.url))
    #expect(try await response.body.next() == Array("some".utf8))
    mayReset.signal()
    let error = await #expect(throws: TransportError.self) { try await response.body.next() }
    #expect(error?.kind == .connectionLost)
  }

  @Test func cancellingTheReaderEndsTheExchange() async throws {
    let clientLeft = Mutex(false)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      if connection.readByte() == nil { clientLeft.withLock { $0 = true } }
    }
    defer { server.stop() }
    let response = try await transport.stream(HTTPRequest(method: "GET", url: server.url))
    let arrived = Mutex(false)
    let task = Task { () -> TransportError? in
      do {
        for try await _ in response.body { arrived.withLock { $0 = true } }
        return nil
      } catch {
        return error as? TransportError
      }
    }
    #expect(await eventually { arrived.withLock { $0 } })
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(await eventually { clientLeft.withLock { $0 } })
  }

  @Test func aBodyThatNobodyReadsAnyMoreEndsTheExchange() async throws {
    let clientLeft = Mutex(false)
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      if connection.readByte() == nil { clientLeft.withLock { $0 = true } }
    }
    defer { server.stop() }
    let status = try await transport.stream(HTTPRequest(method: "GET", url: server.url)).status
    #expect(status == 200)
    #expect(await eventually { clientLeft.withLock { $0 } })
  }

  @Test func shutdownFailsAStream() async throws {
    let server = LoopbackServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      _ = connection.readByte()
    }
    defer { server.stop() }
    let response = try await transport.stream(HTTPRequest(method: "GET", url: server.url))
    await transport.shutdown()
    let error = await #expect(throws: TransportError.self) { try await response.body.next() }
    #expect(error?.kind == .shutDown)
  }
}
