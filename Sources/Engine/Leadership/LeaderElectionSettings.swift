package import KubeWatch

/// Which Lease decides who of several providers works, and how.
package struct LeaderElectionSettings: Sendable {
  /// The Lease's namespace and name.
  package var lease: ObjectKey
  /// This process' identity, and the times.
  package var election: LeaderElection.Configuration

  /// Makes settings with client-go's times.
  ///
  /// - Parameter identity: unlike that of every other and every earlier process.
  package init(lease: ObjectKey, identity: String) {
    self.lease = lease
    election = LeaderElection.Configuration(identity: identity)
  }
}
