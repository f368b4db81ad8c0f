import Sandbox
import Synchronization

/// A request on its way out of the provider.
struct Outgoing: Sendable {
  enum Server: Sendable { case kubernetes, discord }

  let server: Server
  /// Counts the requests of a simulation to both servers, from 1, over all lives of the provider.
  let number: Int
  let method: String
  let path: String
  /// Which of several providers sends it, from 0.
  let replica: Int

  var isWrite: Bool { method != "GET" }
}

/// What becomes of a request.
enum Fate: Sendable, Hashable {
  case delivered
  /// No connection: certainly not sent.
  case refused
  /// The connection is reset, the request not performed.
  case resetBefore
  /// Performed, and its answer lost.
  case resetAfter
  /// An error of the server's own, the request not performed.
  case statusBefore(Int)
  /// An error of the server's own although the request was performed.
  case statusAfter(Int)
  /// The provider is killed as it is about to send.
  case crashBefore
  /// The provider is killed when the server has performed the request, before the answer comes.
  case crashAfter
}

/// Decides on every request.
typealias FatePlan = @Sendable (Outgoing) -> Fate

/// Counts requests, and what was done to them.
final class FateLog: Sendable {
  private struct State {
    var count = 0
    var fates: [(fate: Fate, request: Outgoing)] = []
  }

  private let state = Mutex(State())

  /// Requests so far.
  var count: Int { state.withLock { $0.count } }
  /// Every request that was not simply delivered, and what became of it.
  var fates: [(fate: Fate, request: Outgoing)] { state.withLock { $0.fates } }
  /// A line for each of them.
  var faults: [String] {
    fates.map { "#\($0.request.number) \($0.request.method) \($0.request.path): \($0.fate)" }
  }

  func next(
    _ server: Outgoing.Server, _ method: String, _ path: String, replica: Int
  ) -> Outgoing {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    return Outgoing(
      server: server, number: number, method: method, path: path, replica: replica)
  }

  func note(_ fate: Fate, of request: Outgoing) {
    guard fate != .delivered else { return }
    state.withLock { $0.fates.append((fate, request)) }
  }
}
