import Synchronization

/// The buffer between the loop's thread and the one reader of a streamed body.
final class CurlStream: Sendable {
  /// Ends the exchange when nobody can read the body any more.
  final class Lifetime: Sendable {
    let stream: CurlStream
    init(_ stream: CurlStream) { self.stream = stream }
    deinit { stream.abandon() }
  }

  /// Bytes that wait for the reader before the network is held back.
  static let highWater = 256 << 10

  private typealias Waiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

  private struct State {
    var buffer: [UInt8] = []
    var outcome: Result<Void, TransportError>?
    var waiter: Waiter?
    var isPaused = false
  }

  private let state = Mutex(State())
  private let resume: @Sendable (CurlExchange) -> Void
  private let cancel: @Sendable (CurlExchange) -> Void
  private let paused: @Sendable () -> Void
  private let exchange: CurlExchange

  init(
    resume: @escaping @Sendable (CurlExchange) -> Void,
    cancel: @escaping @Sendable (CurlExchange) -> Void,
    paused: @escaping @Sendable () -> Void, exchange: CurlExchange
  ) {
    self.resume = resume
    self.cancel = cancel
    self.paused = paused
    self.exchange = exchange
  }

  /// From the loop: takes bytes for the reader. False means the transfer has to pause; the bytes
  /// were not taken and come again.
  func push(_ bytes: Span<UInt8>) -> Bool {
    let (waiter, chunk, accepted) = state.withLock { state -> (Waiter?, [UInt8], Bool) in
      guard state.buffer.count < Self.highWater else {
        state.isPaused = true
        return (nil, [], false)
      }
      unsafe bytes.withUnsafeBufferPointer { unsafe state.buffer.append(contentsOf: $0) }
      guard let waiter = state.waiter else { return (nil, [], true) }
      state.waiter = nil
      let chunk = state.buffer
      state.buffer = []
      return (waiter, chunk, true)
    }
    waiter?.resume(returning: .success(chunk))
    if !accepted { paused() }
    return accepted
  }

  /// From the loop: nothing more will come.
  func finish(_ outcome: Result<Void, TransportError>) {
    let waiter = state.withLock { state -> Waiter? in
      guard state.outcome == nil else { return nil }
      state.outcome = outcome
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: outcome.map { nil })
  }

  /// From the reader: all bytes that wait, or those that come next; nil at the end.
  func next() async throws(TransportError) -> [UInt8]? {
    let exchange = self.exchange
    let cancel = self.cancel
    let result: Result<[UInt8]?, TransportError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (answer, resumes) = state.withLock {
          state -> (Result<[UInt8]?, TransportError>?, Bool) in
          let resumes = state.isPaused
          state.isPaused = false
          if !state.buffer.isEmpty {
            let chunk = state.buffer
            state.buffer = []
            return (.success(chunk), resumes)
          }
          if let outcome = state.outcome { return (outcome.map { nil }, false) }
          state.waiter = continuation
          return (nil, resumes)
        }
        if resumes { resume(exchange) }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      cancel(exchange)
    }
    return try result.get()
  }

  private func abandon() {
    if state.withLock({ $0.outcome == nil }) { cancel(exchange) }
  }
}
