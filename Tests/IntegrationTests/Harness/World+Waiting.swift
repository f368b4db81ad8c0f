import JSONValue

extension World {
  /// Waits until every managed resource of the namespace is Ready and Synced.
  /// - Parameter count: how many there must be.
  /// - Returns: them, by name.
  @discardableResult
  func allReady(
    _ count: Int, within deadline: Duration = .seconds(60)
  ) async throws -> [String: ManagedResource] {
    var last: [ManagedResource] = []
    do {
      return try await eventually(
        "\(count) resources are Ready", within: deadline, every: .milliseconds(200)
      ) {
        try host().requireRunning()
        last = try await resources()
        guard last.count == count, last.allSatisfy(\.isReady) else { return nil }
        return Dictionary(last.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      }
    } catch let error as NotSeen {
      let waiting = last.filter { !$0.isReady }.prefix(10).map(\.description)
      throw NotSeen(
        what: error.what, deadline: deadline,
        last: "\(last.count) are there; not Ready: \(waiting.joined(separator: "; "))")
    }
  }

  /// Every managed resource of the namespace.
  func resources(_ types: String = ManagedResource.all) async throws -> [ManagedResource] {
    try await kubectl.list(types).map(ManagedResource.init)
  }

  /// One managed resource.
  func resource(_ type: String, _ name: String) async throws -> ManagedResource {
    guard let json = try await kubectl.get(type, name) else {
      throw Unmendable(description: "there is no \(type)/\(name)")
    }
    return ManagedResource(json: json)
  }

  /// Waits until one managed resource satisfies a condition.
  @discardableResult
  func eventuallyResource(
    _ type: String, _ name: String, _ what: String, within deadline: Duration = .seconds(60),
    _ holds: (ManagedResource) throws -> Bool
  ) async throws -> ManagedResource {
    var last: ManagedResource?
    do {
      return try await eventually(
        "\(name): \(what)", within: deadline, every: .milliseconds(200)
      ) {
        try host().requireRunning()
        let resource = try await resource(type, name)
        last = resource
        return try holds(resource) ? resource : nil
      }
    } catch let error as NotSeen {
      throw NotSeen(
        what: error.what, deadline: deadline, last: last?.description ?? error.last)
    }
  }

  /// Waits for an Event about an object.
  @discardableResult
  func eventuallyEvent(about name: String, reason: String) async throws -> JSONValue {
    try await eventually("Event \(reason) about \(name)", every: .milliseconds(200)) {
      try await kubectl.list("events").first {
        $0.value(at: "involvedObject", "name")?.stringValue == name
          && $0["reason"]?.stringValue == reason
      }
    }
  }

  /// Waits until a resource waits for something with a message that names it.
  @discardableResult
  func eventuallyNotSynced(
    _ type: String, _ name: String, mentions words: [String]
  ) async throws -> ManagedResource {
    try await eventuallyResource(type, name, "Synced=False that says \(words)") { resource in
      guard let synced = resource.condition("Synced"), synced.status == "False" else {
        return false
      }
      let message = synced.message.lowercased()
      return words.allSatisfy { message.contains($0.lowercased()) }
    }
  }

  /// Waits for a number of further polls of the guild with its roles, which a steady provider makes.
  func polls(_ count: Int) async throws {
    let before = try await control.score().polls
    try await eventually(
      "\(count) polls of the guild", within: .seconds(120), every: .milliseconds(100)
    ) {
      try host().requireRunning()
      return try await control.score().polls >= before + count
    }
  }
}
