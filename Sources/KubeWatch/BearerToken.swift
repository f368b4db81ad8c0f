import Synchronization

/// A token for `Authorization`, fixed or in a file that is replaced from time to time.
///
/// Kubernetes rotates the token that it mounts into a pod; like client-go, the file is read again
/// after a minute.
package final class BearerToken: Sendable, CustomStringConvertible {
  private struct State {
    var text: String
    var readAt: ContinuousClock.Instant?
  }

  private static let lifetime: Duration = .seconds(60)
  private let file: String?
  private let state: Mutex<State>

  /// A token that never changes.
  package init(_ text: String) {
    file = nil
    state = Mutex(State(text: text))
  }

  /// A token in a file. Throws when it cannot be read now; later it keeps the last one.
  package init(file: String) throws(AccessError) {
    self.file = file
    state = Mutex(State(text: try Self.read(file)))
  }

  /// The token to send now.
  package func current(now: ContinuousClock.Instant = .now) -> String {
    guard let file else { return state.withLock { $0.text } }
    return state.withLock { state in
      guard let readAt = state.readAt else {
        state.readAt = now
        return state.text
      }
      if readAt.duration(to: now) >= Self.lifetime {
        state.readAt = now
        if let text = try? Self.read(file) { state.text = text }
      }
      return state.text
    }
  }

  /// The server refused the token: read the file again at the next request.
  package func refused() {
    state.withLock { state in
      if let readAt = state.readAt { state.readAt = readAt.advanced(by: .zero - Self.lifetime) }
    }
  }

  /// Never the token itself.
  package var description: String { file.map { "token from \($0)" } ?? "fixed token" }

  private static func read(_ file: String) throws(AccessError) -> String {
    let text = String(decoding: try FileBytes.read(file), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).joined()
    guard !text.isEmpty else { throw AccessError("the token file \(file) is empty") }
    return text
  }
}
