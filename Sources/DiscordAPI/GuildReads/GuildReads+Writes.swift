import JSONValue
import Synchronization

extension GuildReads {
  /// Performs any request; the answer to a write is folded into what was read. The security log is
  /// told what the object was before.
  package func send(_ request: DiscordRequest) async throws(DiscordError) -> DiscordResponse {
    guard request.method != "GET" else { return try await client.send(request) }
    let target = Target(request.path)
    let before = target.flatMap { lastKnown($0, request) }
    do throws(DiscordError) {
      let response = try await client.send(request, before: before)
      noteWrite(request, response)
      return response
    } catch {
      if let target, Self.mayHaveChanged(error) { fold(.outdated, target) }
      throw error
    }
  }

  /// Folds the answer to a write that was performed elsewhere.
  package func noteWrite(_ request: DiscordRequest, _ response: DiscordResponse) {
    guard request.method != "GET", let target = Target(request.path) else { return }
    let body = response.body
    let answered = ObjectList.id(of: body, at: 0..<body.count)
    switch target {
    case .guild:
      guard request.method == "PATCH", let guild = GuildObject(parsing: body) else { break }
      return fold(.replacedGuild(guild), target)
    case .channels, .roles:
      if request.method == "POST", let answered {
        return fold(.created(answered, body), target, body)
      }
      // The bulk change of roles answers with all of them, that of channels with nothing.
      if request.method == "PATCH", let list = ObjectList(parsing: body) {
        return fold(.replacedList(list), target, body)
      }
      if request.method == "PATCH", body.isEmpty, let moves = Self.moves(of: request) {
        return fold(.moved(moves), target)
      }
    case .channel(let id), .role(_, let id):
      if request.method == "DELETE" {
        let wasCategory = isCategory(id, target, body)
        if let number = Snowflake(id) { fold(.deleted(number), target, body) }
        // The category's channels are orphans now, which its answer does not say.
        if wasCategory { fold(.outdated, target, body) }
        return
      }
      guard request.method == "PATCH", let answered else { break }
      let isCategory = isCategory(id, target, body)
      fold(.changed(answered, body), target, body)
      // Channels in step with a category's overwrites change with it.
      if isCategory { fold(.outdated, target, body) }
      return
    case .channelPart: break
    }
    fold(.outdated, target, body)
  }

  /// What a write's path says it changes.
  enum Target {
    case guild(String)
    case channels(String)
    case roles(String)
    case role(guild: String, String)
    case channel(String)
    /// Something below a channel that its object shows, such as an overwrite.
    case channelPart(String)

    init?(_ path: String) {
      let parts = path.split(separator: "/").map(String.init)
      switch (parts.count, parts.first) {
      case (2, "guilds"): self = .guild(parts[1])
      case (3, "guilds") where parts[2] == "channels": self = .channels(parts[1])
      case (3, "guilds") where parts[2] == "roles": self = .roles(parts[1])
      case (4, "guilds") where parts[2] == "roles": self = .role(guild: parts[1], parts[3])
      case (2, "channels"): self = .channel(parts[1])
      case (4, "channels") where parts[2] == "permissions": self = .channelPart(parts[1])
      default: return nil
      }
    }
  }

  private func fold(_ fold: ReadCache.Fold, _ target: Target, _ answer: [UInt8] = []) {
    let now = client.time.now()
    state.withLock { state in
      guard let key = Self.key(target, answer, state.cache) else { return }
      state.cache.wrote(key, fold, at: now)
    }
  }

  /// The read that shows the target. A channel's guild is in its answer, or in what was read.
  private static func key(
    _ target: Target, _ answer: [UInt8], _ cache: ReadCache
  ) -> ReadCache.Key? {
    switch target {
    case .guild(let guild), .roles(let guild), .role(let guild, _): return .guild(guild)
    case .channels(let guild): return .channels(guild)
    case .channel(let id), .channelPart(let id):
      if let range = JSONSlices.value(of: "guild_id", in: answer, at: 0..<answer.count),
        let guild = Snowflake(digits: JSONSlices.scalar(answer, at: range))
      {
        return .channels(guild.text)
      }
      return cache.guild(ofChannel: id).map { .channels($0) }
    }
  }

  private func isCategory(_ id: String, _ target: Target, _ answer: [UInt8]) -> Bool {
    guard case .channel = target else { return false }
    let object = answer.isEmpty ? known(target, id) ?? [] : answer
    guard let range = JSONSlices.value(of: "type", in: object, at: 0..<object.count) else {
      return false
    }
    return object[range].elementsEqual("4".utf8)
  }

  /// What a bulk change of channels sets, by object. Nil when it does more than move them: taking over
  /// a category's overwrites changes what nobody here knows.
  private static func moves(of request: DiscordRequest) -> [(Snowflake, JSONValue)]? {
    guard let entries = request.body.flatMap({ try? JSONValue(parsing: $0) })?.arrayValue,
      entries.allSatisfy({ $0["lock_permissions"]?.boolValue != true })
    else { return nil }
    return entries.compactMap { entry in
      guard let id = entry["id"]?.stringValue.flatMap({ Snowflake($0) }) else { return nil }
      var change: [String: JSONValue] = [:]
      for name in ["position", "parent_id"] { change[name] = entry[name] }
      return (id, .object(change))
    }
  }

  /// Where the objects of a bulk change stood, as a JSON array.
  private func placesBefore(_ target: Target, _ request: DiscordRequest) -> [UInt8]? {
    guard request.method == "PATCH", let moves = Self.moves(of: request) else { return nil }
    let places: [JSONValue] = moves.compactMap { id, _ in
      guard let value = known(target, id.text).flatMap({ try? JSONValue(parsing: $0) }) else {
        return nil
      }
      var place: JSONValue = ["id": .string(id.text)]
      for name in ["position", "parent_id"] { place[name] = value[name] }
      return place
    }
    return places.isEmpty ? nil : JSONValue.array(places).serialized()
  }

  /// The object before the write, as far as it was read.
  private func lastKnown(_ target: Target, _ request: DiscordRequest) -> [UInt8]? {
    switch target {
    case .channel(let id), .channelPart(let id), .role(_, let id): known(target, id)
    case .guild: known(target, "")
    case .channels, .roles: placesBefore(target, request)
    }
  }

  private func known(_ target: Target, _ id: String) -> [UInt8]? {
    state.withLock { state in
      guard let key = Self.key(target, [], state.cache) else { return nil }
      switch state.cache.last(key) {
      case .list(let list)?: return list[id]
      case .guild(let guild)?: return id.isEmpty ? guild.guild : guild.roles[id]
      case .object?, nil: return nil
      }
    }
  }

  private static func mayHaveChanged(_ error: DiscordError) -> Bool {
    switch error {
    case .unavailable(_, _, let maybe), .cancelled(let maybe): maybe
    default: false
    }
  }
}
