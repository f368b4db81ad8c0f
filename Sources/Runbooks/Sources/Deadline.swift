import Engine

/// A limit on how long something is waited for, also when it does not heed cancellation.
enum Deadline {
  /// What `body` gives, or nil when the time is over first.
  static func first<Value: Sendable>(
    within limit: Duration, time: TimeSource, _ body: @escaping @Sendable () async -> Value
  ) async -> Value? {
    let (values, yield) = AsyncStream<Value?>.makeStream()
    let work = Task { yield.yield(await body()) }
    let timer = Task {
      do { try await time.sleep(limit) } catch { return }
      yield.yield(nil)
    }
    defer {
      work.cancel()
      timer.cancel()
    }
    for await value in values { return value }
    return nil
  }
}
