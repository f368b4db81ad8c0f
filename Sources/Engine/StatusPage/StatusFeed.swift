package import JSONValue
import Synchronization

/// Computes the state once an interval for all who look at the status page, and only while somebody
/// does.
package final class StatusFeed: Sendable {
  /// Numbers that may be chosen.
  package struct Configuration: Sendable {
    /// Time between two frames.
    package var interval: Duration = .seconds(2)
    /// How many may look at once.
    package var maximumViewers = 32

    /// A frame every two seconds for up to 32 viewers.
    package init() {}
  }

  /// One viewer's frames. Who reads slowly gets the newest and misses those between.
  package struct Viewing: Sendable {
    package let id: Int
    /// Server-sent events, ready to be written.
    package let frames: AsyncStream<[UInt8]>
  }

  /// Why somebody can't look.
  package enum Refusal: Error, Hashable {
    case tooManyViewers(maximum: Int)
    case ending
  }

  private struct State {
    var viewers: StatusViewers
    var streams: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
    /// The last frame, while frames are being computed: younger than an interval.
    var latest: [UInt8]?
  }

  /// How often clients should come again after a lost connection.
  private static let head = "retry: 2000\nevent: state\ndata: "

  private let configuration: Configuration
  private let time: TimeSource
  private let compute: @Sendable () -> JSONValue
  private let state: Mutex<State>
  private let arrivals: AsyncStream<Void>
  private let arrival: AsyncStream<Void>.Continuation

  /// Makes a feed that nobody looks at.
  ///
  /// - Parameter compute: gives the state to show; asked once an interval.
  package init(
    configuration: Configuration = .init(), time: TimeSource,
    compute: @escaping @Sendable () -> JSONValue
  ) {
    self.configuration = configuration
    self.time = time
    self.compute = compute
    state = Mutex(State(viewers: StatusViewers(maximum: configuration.maximumViewers)))
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// How many look.
  package var viewerCount: Int { state.withLock { $0.viewers.count } }

  /// Somebody wants to look; he has to `leave` in the end.
  package func join() throws(Refusal) -> Viewing {
    let (frames, continuation) = AsyncStream.makeStream(
      of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
    let admission = state.withLock { state in
      let admission = state.viewers.join()
      if case .joined(let id, _) = admission {
        state.streams[id] = continuation
        if let latest = state.latest { continuation.yield(latest) }
      }
      return admission
    }
    switch admission {
    case .full: throw .tooManyViewers(maximum: configuration.maximumViewers)
    case .closed: throw .ending
    case .joined(let id, let needsWaking):
      if needsWaking { arrival.yield() }
      return Viewing(id: id, frames: frames)
    }
  }

  /// Somebody looks no longer.
  package func leave(_ viewing: Viewing) {
    let stream = state.withLock { state in
      state.viewers.leave(viewing.id)
      return state.streams.removeValue(forKey: viewing.id)
    }
    stream?.finish()
  }

  /// Computes frames until the task is cancelled; then all viewings end.
  package func run() async {
    for await _ in arrivals {
      while !Task.isCancelled, goesOn() {
        publish(frame())
        do { try await time.sleep(configuration.interval) } catch { break }
      }
    }
    let streams = state.withLock { state in
      state.viewers.close()
      defer { state.streams = [:] }
      return state.streams.values
    }
    for stream in streams { stream.finish() }
  }

  private func goesOn() -> Bool {
    state.withLock { state in
      let goesOn = state.viewers.goesOn()
      if !goesOn { state.latest = nil }
      return goesOn
    }
  }

  private func frame() -> [UInt8] {
    // JSON without indentation has no line break, which would end the event.
    Array(Self.head.utf8) + compute().serialized() + Array("\n\n".utf8)
  }

  private func publish(_ frame: [UInt8]) {
    state.withLock { state in
      state.latest = frame
      for stream in state.streams.values { stream.yield(frame) }
    }
  }
}
