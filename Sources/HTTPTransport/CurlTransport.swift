/// HTTP over libcurl: one thread carries every exchange, connections are kept and shared, HTTP/2
/// multiplexes where a TLS server offers it.
///
/// Proxies come from the usual environment variables, never for loopback hosts. libcurl repeats a
/// request that has no body when a kept connection turns out to be dead; one with a body, and every
/// POST, goes out once.
package final class CurlTransport: Transport {
  private let loop: CurlLoop
  private let ownsLoop: Bool
  private let settings: CurlSettings
  private let streamPaused: @Sendable () -> Void

  /// - Parameters:
  ///   - maximumResponseBytes: how large an answer of `send` may be once decompressed.
  ///   - loop: a thread that carries other transports too; nil starts one for this alone.
  package convenience init(
    tls: TLSSettings = .init(), maximumResponseBytes: Int = 64 << 20, on loop: CurlLoop? = nil
  ) {
    self.init(
      tls: tls, maximumResponseBytes: maximumResponseBytes, on: loop, streamPaused: {})
  }

  /// - Parameter streamPaused: called on the loop's thread whenever a stream holds the network back.
  init(
    tls: TLSSettings = .init(), maximumResponseBytes: Int = 64 << 20, on loop: CurlLoop? = nil,
    streamPaused: @escaping @Sendable () -> Void
  ) {
    self.loop = loop ?? CurlLoop()
    ownsLoop = loop == nil
    settings = CurlSettings(tls: tls, maximumResponseBytes: maximumResponseBytes)
    self.streamPaused = streamPaused
  }

  deinit { if ownsLoop { loop.post(.shutDown(nil)) } }

  package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let loop = self.loop
    let exchange = CurlExchange(request: request, settings: settings)
    let result: Result<HTTPResponse, TransportError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchange.waiter = .whole(continuation)
        loop.start(exchange)
      }
    } onCancel: {
      loop.post(.cancel(exchange))
    }
    return try result.get()
  }

  package func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    let loop = self.loop
    let exchange = CurlExchange(request: request, settings: settings)
    let stream = CurlStream(
      resume: { loop.post(.resume($0)) }, cancel: { loop.post(.cancel($0)) },
      paused: streamPaused, exchange: exchange)
    let result: Result<HTTPStreamResponse, TransportError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchange.waiter = .stream(continuation, stream)
        loop.start(exchange)
      }
    } onCancel: {
      loop.post(.cancel(exchange))
    }
    return try result.get()
  }

  /// Fails what is in flight with `.shutDown`, closes the connections and ends the thread, for every
  /// transport on it. Every later request fails at once.
  package func shutdown() async { await loop.shutDown() }
}
