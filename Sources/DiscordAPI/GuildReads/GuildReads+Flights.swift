import Synchronization

extension GuildReads {
  /// Gives up all reads that are under way, for everybody who waits for them: the work that wanted
  /// them is over.
  package func cancelReads() {
    for flight in state.withLock({ Array($0.flights.values) }) { flight.cancel() }
  }

  /// A value that is fresh enough: kept, shared with others who read it now, or read.
  func read(
    _ key: ReadCache.Key, _ earliest: Instant?, _ priority: RequestPriority
  ) async throws(DiscordError) -> ReadCache.Value {
    let asked = client.time.now()
    let bound = earliest ?? asked.advanced(by: .zero - maximumAge)
    while true {
      // What begins now would not end with its caller.
      if Task.isCancelled { throw DiscordError.cancelled(mayHaveBeenPerformed: false) }
      let now = client.time.now()
      let (decision, flight) = state.withLock { state -> (ReadCache.Decision, Flight?) in
        let decision = state.cache.asked(key, notBefore: min(bound, now), at: now)
        switch decision {
        case .have, .failed: return (decision, nil)
        case .join(let id), .waitFor(let id): return (decision, state.flights[id])
        case .read(let id):
          let flight = Flight { [weak self] in
            guard let self else { return .failure(.cancelled(mayHaveBeenPerformed: false)) }
            return await self.fly(key, id, priority)
          }
          state.flights[id] = flight
          return (decision, flight)
        }
      }
      switch decision {
      case .have(let value): return value
      case .failed(let error): throw error
      case .join, .read:
        guard let flight else { continue }
        return try await flight.value.get()
      case .waitFor:
        _ = await flight?.value
      }
    }
  }

  /// Performs one read. Not cancelled with the caller that began it: others wait for it too.
  private func fly(
    _ key: ReadCache.Key, _ id: UInt64, _ priority: RequestPriority
  ) async -> Result<ReadCache.Value, DiscordError> {
    var result: Result<ReadCache.Value, DiscordError>
    do {
      result = .success(try await fetch(key, priority))
    } catch {
      result = .failure(error)
    }
    let now = client.time.now()
    return state.withLock { state in
      state.flights[id] = nil
      return state.cache.finished(key, id, result, at: now)
    }
  }

  private func fetch(
    _ key: ReadCache.Key, _ priority: RequestPriority
  ) async throws(DiscordError) -> ReadCache.Value {
    switch key {
    case .guild(let id):
      let body = try await get("/guilds/\(id)", priority, "guild")
      guard let guild = GuildObject(parsing: body), guild.hasRoles else { throw Self.unexpected }
      return .guild(guild)
    case .channels(let id):
      let body = try await get("/guilds/\(id)/channels", priority, "channel", guild: id)
      guard let list = ObjectList(parsing: body) else { throw Self.unexpected }
      return .list(list)
    case .me:
      return .object(try await get("/users/@me", priority, "user"))
    case .guilds:
      var all = ObjectList()
      var after: String?
      while true {
        let query = [("limit", "200")] + (after.map { [("after", $0)] } ?? [])
        let body = try await get("/users/@me/guilds", priority, "guild", query: query)
        guard let page = ObjectList(parsing: body) else { throw Self.unexpected }
        let known = all.count
        all.append(contentsOf: page)
        guard page.count == 200, all.count > known, let last = page.ids.last else { break }
        after = last
      }
      return .list(all)
    }
  }

  private func get(
    _ path: String, _ priority: RequestPriority, _ type: String, query: [(String, String)] = [],
    guild: String? = nil
  ) async throws(DiscordError) -> [UInt8] {
    try await client.send(
      DiscordRequest(
        method: "GET", path: path, query: query, priority: priority, resourceType: type,
        operation: "observe", guildID: guild)
    ).body
  }
}
