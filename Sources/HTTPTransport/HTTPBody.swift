/// A body that arrives in chunks, pulled by one reader.
///
/// A transport stops reading from the network while the reader does not pull. Dropping the body, or
/// cancelling the task that reads it, ends the exchange.
package struct HTTPBody: AsyncSequence, Sendable {
  package typealias Element = [UInt8]
  package typealias Failure = TransportError

  private let pull: @Sendable () async throws(TransportError) -> [UInt8]?

  /// A body whose next chunk `pull` gives; nil is its end.
  package init(pull: @escaping @Sendable () async throws(TransportError) -> [UInt8]?) {
    self.pull = pull
  }

  /// The next chunk, never empty; nil at the end.
  package func next() async throws(TransportError) -> [UInt8]? { try await pull() }

  package func makeAsyncIterator() -> Iterator { Iterator(pull: pull) }

  /// Pulls the same body: a second iterator goes on where the first one stopped.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let pull: @Sendable () async throws(TransportError) -> [UInt8]?

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(TransportError) -> [UInt8]? { try await pull() }

    package mutating func next() async throws(TransportError) -> [UInt8]? { try await pull() }
  }
}
