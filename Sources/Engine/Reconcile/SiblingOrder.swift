package import JSONValue

/// Which objects have a position among others of their guild, and when somebody has to look whether
/// they are in order, as a pure machine. One look serves a guild: its moves are one request.
package struct SiblingOrder: Sendable {
  /// Objects that are put in order together.
  package struct Group: Sendable, Hashable {
    package var kind: String
    package var providerConfig: String
    package var guild: String

    /// The objects of a kind, in a guild, through a ProviderConfig.
    package init(kind: String, providerConfig: String, guild: String) {
      self.kind = kind
      self.providerConfig = providerConfig
      self.guild = guild
    }
  }

  /// Where an object is to be.
  package struct Place: Sendable, Hashable {
    package var group: Group
    /// Nil until it is created.
    package var id: String?
    package var position: Int64
    /// The category that the spec asks for, empty for none; nil when it says nothing.
    package var parent: String?
    /// What the rule remembers of it, from the object's status.
    package var placement: JSONValue?

    /// A place.
    package init(
      group: Group, id: String?, position: Int64, parent: String?, placement: JSONValue? = nil
    ) {
      self.group = group
      self.id = id
      self.position = position
      self.parent = parent
      self.placement = placement
    }

    /// Whether the spec asks for the same: what is remembered changes nothing by itself.
    func asksForTheSame(as other: Place) -> Bool {
      var other = other
      other.placement = placement
      return self == other
    }
  }

  /// What an object's reconcile does about the order of its guild.
  package enum Decision: Sendable {
    case settled
    /// More is on its way: come back after this time.
    case wait(Duration)
    /// Look, with these places; `version` goes back with what came of it.
    case look([ResourceKey: Place], version: UInt64)
    case failed(ReconcileProblem)
  }

  private struct Members: Sendable {
    var places: [ResourceKey: Place] = [:]
    /// Counts changes of the places.
    var version: UInt64 = 0
    var changedAt: Duration = .zero
    /// The places that were found in order or put in order, and the age of the data that showed it.
    var settled: (version: UInt64, asOf: Duration)?
    /// What the rule wants to be remembered of each object that the last look was about; null for
    /// nothing.
    var placements: [ResourceKey: JSONValue] = [:]
    var failure: (problem: ReconcileProblem, keys: Set<ResourceKey>, until: Duration)?
  }

  /// How long places must have been the same before anything moves because of them: whoever applies a
  /// folder of manifests changes one object after the other.
  package static let quiet = Duration.seconds(1)

  private var groups: [Group: Members] = [:]
  private var groupOf: [ResourceKey: Group] = [:]
  /// Objects with a position whose guild or ID is not known yet.
  private var unplaced: Set<ResourceKey> = []

  /// Knows of nothing yet.
  package init() {}

  /// An object with a position has come to be known; where it belongs is not known yet.
  package mutating func arrived(_ key: ResourceKey) {
    if groupOf[key] == nil { unplaced.insert(key) }
  }

  /// An object is to be at a place.
  package mutating func note(_ key: ResourceKey, _ place: Place, at now: Duration) {
    unplaced.remove(key)
    if let old = groupOf[key], old != place.group { forget(key, at: now) }
    groupOf[key] = place.group
    var members = groups[place.group] ?? Members()
    if members.places[key]?.asksForTheSame(as: place) == true {
      groups[place.group]?.places[key]?.placement = place.placement
      return
    }
    members.places[key] = place
    members.placements[key] = nil
    Self.change(&members, at: now)
    groups[place.group] = members
  }

  /// An object is gone, or nobody is to move it.
  package mutating func forget(_ key: ResourceKey, at now: Duration) {
    unplaced.remove(key)
    guard let group = groupOf.removeValue(forKey: key), var members = groups[group] else { return }
    members.places[key] = nil
    members.placements[key] = nil
    Self.change(&members, at: now)
    groups[group] = members.places.isEmpty ? nil : members
  }

  /// What the reconcile of an object does.
  ///
  /// - Parameters:
  ///   - isPoll: look although others are still to come.
  ///   - oldest: the age that the data of a look may have.
  package func decide(
    _ key: ResourceKey, isPoll: Bool, notOlderThan oldest: Duration, at now: Duration
  ) -> Decision {
    guard let group = groupOf[key], let members = groups[group] else { return .settled }
    if let settled = members.settled, settled.version == members.version, settled.asOf >= oldest {
      return .settled
    }
    if let failure = members.failure, now < failure.until {
      return failure.keys.contains(key) ? .failed(failure.problem) : .settled
    }
    if !isPoll {
      // Who is created last looks for all; a poll does not wait for what cannot be created.
      let isComplete =
        !unplaced.contains { $0.kind == group.kind }
        && members.places.values.allSatisfy { $0.id != nil }
      guard isComplete else { return .settled }
      let wait = members.changedAt + Self.quiet - now
      if wait > .zero { return .wait(wait) }
    }
    return .look(members.places, version: members.version)
  }

  /// A look found everything in order, or put it in order.
  ///
  /// - Parameter placements: what the rule wants to be remembered of each object; null for nothing.
  package mutating func settled(
    _ group: Group, version: UInt64, asOf time: Duration,
    placements: [ResourceKey: JSONValue] = [:]
  ) {
    groups[group]?.settled = (version, time)
    groups[group]?.failure = nil
    guard groups[group]?.version == version else { return }
    groups[group]?.placements.merge(placements) { _, new in new }
  }

  /// What is to be remembered of an object since the last look: null for nothing, nil when no look
  /// was about what its spec asks for.
  package func placement(of key: ResourceKey) -> JSONValue? {
    groupOf[key].flatMap { groups[$0]?.placements[key] }
  }

  /// A look failed: these objects say so, and nobody looks again before the time.
  package mutating func failed(
    _ group: Group, _ problem: ReconcileProblem, keys: Set<ResourceKey>, until time: Duration
  ) {
    groups[group]?.failure = (problem, keys, time)
  }

  private static func change(_ members: inout Members, at now: Duration) {
    members.version += 1
    members.changedAt = now
    members.failure = nil
  }
}
