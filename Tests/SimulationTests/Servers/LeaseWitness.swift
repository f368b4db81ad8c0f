import HTTPTransport
import JSONValue
import KubeWatch
import Synchronization

/// Sees every request that leaves a provider for Discord, and looks up in the cluster whose the Lease
/// is at that very moment.
final class LeaseWitness: Sendable {
  static let lease = ObjectKey(namespace: "crossplane-system", name: "provider-discord")

  private struct State {
    var actors: [String] = []
    var foreign: [String] = []
    var overlaps: [String] = []
  }

  private let state = Mutex(State())

  /// Those who spoke to Discord, in order, without repeats.
  var actors: [String] { state.withLock { $0.actors } }
  /// Requests of a provider while the Lease was another's, or nobody's.
  var foreign: [String] { state.withLock { $0.foreign } }
  /// Those of them that came after another provider had begun.
  var overlaps: [String] { state.withLock { $0.overlaps } }

  func note(_ identity: String, holder: String?, _ request: String) {
    state.withLock { state in
      if holder != identity {
        let line = "\(request) by \(identity), the Lease is \(holder ?? "nobody")'s"
        state.foreign.append(line)
        if let last = state.actors.last, last != identity { state.overlaps.append(line) }
      }
      if state.actors.last != identity { state.actors.append(identity) }
    }
  }
}

/// The way to Discord, past the witness.
struct WitnessedTransport: Transport {
  let base: SimulatedTransport
  let life: Life
  let simulation: Simulation

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    if simulation.options.replicas > 1, life.isAlive, !Task.isCancelled {
      simulation.witness.note(
        life.identity, holder: simulation.holder,
        "\(simulation.clock.now) \(request.method) \(request.url)")
    }
    return try await base.send(request)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    try await base.stream(request)
  }
}

extension Simulation {
  static let leasePath =
    "/apis/coordination.k8s.io/v1/namespaces/crossplane-system/leases/provider-discord"

  /// Who holds the Lease, as the cluster has it.
  var holder: String? {
    (try? request("GET", Self.leasePath))?.value(at: "spec", "holderIdentity")?.stringValue
  }

  /// The life that holds the Lease.
  var leader: Life? { living.first { $0.identity == holder } }
}
