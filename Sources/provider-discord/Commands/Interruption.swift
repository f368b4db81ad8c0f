import UnixSignals

/// SIGINT and SIGTERM as the ordinary end of a command that would go on for ever.
enum Interruption {
  /// Works until the work ends by itself or a signal asks the process to end; then the work is cancelled
  /// and waited for.
  ///
  /// - Throws: what the work throws.
  static func ends(_ work: @escaping @Sendable () async throws -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await work() }
      group.addTask { for await _ in signals { return } }
      try await group.next()
      group.cancelAll()
    }
  }
}
