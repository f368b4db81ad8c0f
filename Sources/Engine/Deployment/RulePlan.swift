package import JSONValue

/// What a generation of rules would do to each object, found by running it with every write recorded
/// instead of performed.
package struct RulePlan: Sendable {
  /// A request that would be sent to Discord.
  package struct Request: Sendable, Hashable {
    package let method: String
    package let path: String
    /// Null for a request without a body.
    package let body: JSONValue

    /// Makes a request.
    package init(method: String, path: String, body: JSONValue) {
      self.method = method
      self.path = path
      self.body = body
    }
  }

  /// What would become of one object.
  package enum Change: Sendable, Hashable {
    /// Discord holds what the rule wants.
    case nothing
    case update([FieldDifference])
    /// An object that has no ID yet.
    case create
    /// An object that has an ID and of which the rule says that it is not there.
    case createAgain
    /// The rule returns an expected failure.
    case refused(String)
    /// The script fails: a bug.
    case fault(String)
    /// Discord could not be asked.
    case unknown(String)
    /// The provider itself does not look at it now.
    case skipped(String)
  }

  /// One object.
  package struct Entry: Sendable {
    package let key: ResourceKey
    package let change: Change
    package let requests: [Request]
    /// Whether the rule that is live serves it well.
    package let isSynced: Bool

    /// Makes an entry.
    package init(key: ResourceKey, change: Change, requests: [Request] = [], isSynced: Bool) {
      self.key = key
      self.change = change
      self.requests = requests
      self.isSynced = isSynced
    }

    /// Whether anything would be deleted in Discord.
    package var deletes: Bool { requests.contains { $0.method == "DELETE" } }
  }

  /// By kind, namespace and name.
  package let entries: [Entry]
  /// Kinds that have objects and no rule, with their number.
  package let unserved: [String: Int]

  /// Makes a plan.
  package init(entries: [Entry], unserved: [String: Int] = [:]) {
    self.entries = entries.sorted { $0.key.description < $1.key.description }
    self.unserved = unserved
  }

  /// Whether everything stays as it is.
  package var isEmpty: Bool {
    unserved.isEmpty
      && entries.allSatisfy { entry in
        switch entry.change {
        case .nothing, .skipped: entry.requests.isEmpty
        default: false
        }
      }
  }

  /// How many entries are so.
  package func count(_ isMeant: (Entry) -> Bool) -> Int { entries.count(where: isMeant) }
}
