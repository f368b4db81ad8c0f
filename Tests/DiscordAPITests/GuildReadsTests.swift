import DiscordAPI
import HTTPTransport
import JSONValue
import Testing

private let channelList = """
  [ {"id":"10","type":4,"name":"cat"},
    {"id":"11","type":0,"name":"gen\\"er{al","parent_id":"10","nested":{"id":"99"}},
    {"type":2,"id":12,"name":"voice"} ]
  """
private let guildObject = """
  {"id":"1","name":"g","roles":[{"id":"1","name":"@everyone"},{"id":"21","name":"mod"}],\
  "features":["COMMUNITY"]}
  """

private func text(_ bytes: [UInt8]?) -> String? {
  bytes.map { String(decoding: $0, as: UTF8.self) }
}

private func makeReads(
  _ clock: VirtualClock = VirtualClock(), _ observer: DiscordObserver = DiscordObserver(),
  _ answer: @escaping @Sendable (HTTPRequest, String) async throws(TransportError) -> HTTPResponse?
) throws -> (GuildReads, ScriptedTransport) {
  let transport = ScriptedTransport {
    (request, _) async throws(TransportError) -> HTTPResponse in
    let line = "\(request.method) \(request.url.dropFirst("https://discord.com/api/v10".count))"
    if let response = try await answer(request, line) { return response }
    switch line {
    case "GET /guilds/1/channels": return .json(channelList)
    case "GET /guilds/1": return .json(guildObject)
    default: return .json(#"{"code":0,"message":"404: Not Found"}"#, status: 404)
    }
  }
  return (
    GuildReads(client: try makeClient(transport, clock: clock, observer: observer)), transport
  )
}

@Test func oneReadServesAllObjectsOfAGuildUntilItIsTooOld() async throws {
  let clock = VirtualClock()
  let (reads, transport) = try makeReads(clock) { _, _ in nil }
  let list = try await reads.channels("1")
  #expect(list.ids == ["10", "11", "12"])
  #expect(
    text(list["11"])
      == #"{"id":"11","type":0,"name":"gen\"er{al","parent_id":"10","nested":{"id":"99"}}"#)
  #expect(try await reads.channel(guild: "1", id: "12") == .found(try #require(list["12"])))
  #expect(try await reads.role(guild: "1", id: "21") != .gone)
  #expect(try await reads.role(guild: "1", id: "22") == .gone)
  #expect(text(try await reads.guild("1").roles["21"]) == #"{"id":"21","name":"mod"}"#)
  #expect(transport.lines == ["GET /guilds/1/channels", "GET /guilds/1"])
  clock.advance(by: .seconds(31))
  _ = try await reads.channels("1")
  #expect(transport.requests.count == 3)
  // Someone wants to see nothing older than now.
  clock.advance(by: .seconds(1))
  _ = try await reads.channels("1", notOlderThan: clock.now)
  #expect(transport.requests.count == 4)
  _ = try await reads.channels("1", notOlderThan: clock.now)
  #expect(transport.requests.count == 4)
}

@Test func concurrentCallersShareOneRequest() async throws {
  let gate = Gate()
  let (reads, transport) = try makeReads { (_, _) async throws(TransportError) in
    await gate.pass()
    return nil
  }
  try await withThrowingTaskGroup(of: Int.self) { group in
    for _ in 0..<200 { group.addTask { try await reads.channels("1").count } }
    await gate.whenWaiting(1)
    gate.open()
    for try await count in group { #expect(count == 3) }
  }
  #expect(transport.requests.count == 1)
}

@Test func callerThatNeedsANewerReadDoesNotTakeOneThatBeganBefore() async throws {
  let clock = VirtualClock()
  let gate = Gate()
  let (reads, transport) = try makeReads(clock) { (_, _) async throws(TransportError) in
    await gate.pass()
    return nil
  }
  async let early = reads.channels("1")
  await gate.whenWaiting(1)
  clock.advance(by: .seconds(1))
  let bound = clock.now
  async let late = reads.channels("1", notOlderThan: bound)
  gate.open()
  _ = try await (early, late)
  #expect(transport.requests.count == 2)
}

@Test func absenceFromTheListIsConfirmedByID() async throws {
  let (reads, transport) = try makeReads { _, line in
    switch line {
    case "GET /channels/50": .json(#"{"code":10003,"message":"Unknown Channel"}"#, status: 404)
    case "GET /channels/51": .json(#"{"code":50001,"message":"Missing Access"}"#, status: 403)
    case "GET /channels/52": .json(#"{"id":"52","name":"late"}"#)
    case "GET /channels/53": .json(#"{"code":10004,"message":"Unknown Guild"}"#, status: 404)
    default: nil
    }
  }
  #expect(try await reads.channel(guild: "1", id: "50") == .gone)
  #expect(try await reads.channel(guild: "1", id: "51") == .hidden)
  #expect(
    try await reads.channel(guild: "1", id: "52")
      == .found(Array(#"{"id":"52","name":"late"}"#.utf8)))
  await #expect(throws: DiscordError.self) { try await reads.channel(guild: "1", id: "53") }
  #expect(transport.requests.count == 5)
}

@Test func ownWritesAreFoldedInWithoutAnotherRead() async throws {
  let (reads, transport) = try makeReads { _, line in
    switch line {
    case "POST /guilds/1/channels":
      .json(#"{"id":"13","guild_id":"1","type":0,"name":"new"}"#, status: 201)
    case "PATCH /channels/11": .json(#"{"id":"11","guild_id":"1","type":0,"name":"renamed"}"#)
    case "DELETE /channels/12": .json(#"{"id":"12","guild_id":"1","type":2}"#)
    case "POST /guilds/1/roles": .json(#"{"id":"22","name":"new"}"#)
    case "DELETE /guilds/1/roles/21": HTTPResponse(status: 204)
    case "PATCH /guilds/1": .json(#"{"id":"1","name":"other"}"#)
    default: nil
    }
  }
  _ = try await reads.channels("1")
  _ = try await reads.guild("1")
  _ = try await reads.send(write("POST", "/guilds/1/channels"))
  _ = try await reads.send(write("PATCH", "/channels/11"))
  _ = try await reads.send(write("DELETE", "/channels/12", nil))
  _ = try await reads.send(write("POST", "/guilds/1/roles"))
  _ = try await reads.send(write("DELETE", "/guilds/1/roles/21", nil))
  _ = try await reads.send(write("PATCH", "/guilds/1"))
  let channels = try await reads.channels("1")
  #expect(channels.ids == ["10", "11", "13"])
  #expect(text(channels["11"])?.contains("renamed") == true)
  #expect(
    text(channels.serialized())?.hasSuffix(#",{"id":"13","guild_id":"1","type":0,"name":"new"}]"#)
      == true)
  let guild = try await reads.guild("1")
  #expect(
    text(guild.serialized())
      == #"{"id":"1","name":"other","roles":[{"id":"1","name":"@everyone"},{"id":"22","name":"new"}]}"#
  )
  #expect(try await reads.channel(guild: "1", id: "12") == .gone)
  #expect(try await reads.role(guild: "1", id: "21") == .gone)
  #expect(transport.requests.count == 8)
}

@Test func readUnderWayDoesNotOverwriteWhatAWriteMadeKnown() async throws {
  let gate = Gate()
  let (reads, transport) = try makeReads { (_, line) async throws(TransportError) in
    switch line {
    case "GET /guilds/1/channels":
      await gate.pass()
      return nil
    case "POST /guilds/1/channels":
      return .json(#"{"id":"13","guild_id":"1","type":0}"#, status: 201)
    case "DELETE /channels/11": return .json(#"{"id":"11","guild_id":"1","type":0}"#)
    default: return nil
    }
  }
  async let read = reads.channels("1")
  await gate.whenWaiting(1)
  _ = try await reads.send(write("POST", "/guilds/1/channels"))
  _ = try await reads.send(write("DELETE", "/channels/11", nil))
  gate.open()
  #expect(try await read.ids == ["10", "12", "13"])
  #expect(try await reads.channels("1").ids == ["10", "12", "13"])
  #expect(transport.requests.count == 3)
}

@Test func aReadThatWasUnderWayIsNotBelievedAfterAWriteThatChangesMoreThanItShows() async throws {
  let gate = Gate()
  let (reads, transport) = try makeReads { (_, line) async throws(TransportError) in
    switch line {
    case "GET /guilds/1/channels":
      await gate.pass()
      return nil
    case "PATCH /guilds/1/channels": return HTTPResponse(status: 204)
    default: return nil
    }
  }
  async let read = reads.channels("1")
  await gate.whenWaiting(1)
  _ = try await reads.send(
    write("PATCH", "/guilds/1/channels", #"[{"id":"11","lock_permissions":true}]"#))
  gate.open()
  _ = try await read
  _ = try await reads.channels("1")
  #expect(transport.lines.filter { $0 == "GET /guilds/1/channels" }.count == 2)
}

@Test func aReadThatLagsBehindAChangeIsCorrectedForAMoment() async throws {
  let clock = VirtualClock()
  let (reads, _) = try makeReads(clock) { _, line in
    line == "PATCH /channels/12"
      ? .json(#"{"id":"12","guild_id":"1","type":2,"name":"new"}"#) : nil
  }
  _ = try await reads.channels("1")
  _ = try await reads.send(write("PATCH", "/channels/12"))
  func name() async throws -> String? {
    let object = try #require(try await reads.channels("1", notOlderThan: clock.now)["12"])
    return try JSONValue(parsing: object)["name"]?.stringValue
  }
  clock.advance(by: .seconds(1))
  #expect(try await name() == "new")
  clock.advance(by: .seconds(2))
  #expect(try await name() == "voice")
}

@Test func whatWasKnownOfAGuildIsForgottenWhenDiscordRefusesIt() async throws {
  let clock = VirtualClock()
  let start = clock.now
  let (reads, transport) = try makeReads(clock) { _, _ in
    clock.now == start ? nil : .json(#"{"code":50001,"message":"Missing Access"}"#, status: 403)
  }
  _ = try await reads.channels("1")
  for age in 1...2 {
    clock.advance(by: .seconds(6))
    // The second would take the first read, were it still there.
    await #expect(throws: DiscordError.self) {
      try await reads.channels("1", notOlderThan: age == 1 ? clock.now : start)
    }
  }
  #expect(transport.requests.count == 3)
}

@Test func whoIsCancelledAlreadyBeginsNoRead() async throws {
  let (reads, transport) = try makeReads { _, _ in nil }
  let gate = Gate()
  let task = Task {
    await gate.pass()
    return try await reads.channels("1").count
  }
  await gate.whenWaiting(1)
  task.cancel()
  gate.open()
  await #expect(throws: DiscordError.cancelled(mayHaveBeenPerformed: false)) {
    try await task.value
  }
  #expect(transport.requests.isEmpty)
}

@Test func laggingReadsDoNotBringBackTheDeletedNorLoseTheCreated() async throws {
  let clock = VirtualClock()
  let (reads, transport) = try makeReads(clock) { _, line in
    switch line {
    case "POST /guilds/1/roles": .json(#"{"id":"22","name":"new"}"#)
    case "GET /guilds/1/roles/22": .json(#"{"id":"22","name":"new"}"#)
    case "DELETE /channels/11": .json(#"{"id":"11","guild_id":"1","type":0}"#)
    default: nil
    }
  }
  _ = try await reads.send(write("POST", "/guilds/1/roles"))
  _ = try await reads.send(write("DELETE", "/channels/11", nil))
  clock.advance(by: .seconds(10))
  // The list is one from before both.
  #expect(try await reads.channels("1", notOlderThan: clock.now).ids == ["10", "12"])
  guard case .found = try await reads.role(guild: "1", id: "22", notOlderThan: clock.now) else {
    Issue.record("the role that we created is said to be gone")
    return
  }
  #expect(transport.lines.last == "GET /guilds/1/roles/22")
}

@Test func writesThatChangeMoreThanTheyShowMakeTheNextUseReadAgain() async throws {
  let (reads, transport) = try makeReads { _, line in
    switch line {
    case "PATCH /guilds/1/channels", "PUT /channels/11/permissions/5": HTTPResponse(status: 204)
    case "DELETE /channels/10", "PATCH /channels/10":
      .json(#"{"id":"10","guild_id":"1","type":4}"#)
    default: nil
    }
  }
  for request in [
    write("PATCH", "/channels/10"),
    write("PATCH", "/guilds/1/channels", #"[{"id":"11","lock_permissions":true}]"#),
    write("PUT", "/channels/11/permissions/5"),
    write("DELETE", "/channels/10", nil),
  ] {
    _ = try await reads.channels("1")
    let before = transport.requests.count
    _ = try await reads.send(request)
    let list = try await reads.channels("1")
    #expect(transport.requests.count == before + 2)
    #expect(list.contains("10") == (request.method != "DELETE"))
  }
}

@Test func movesAreFoldedInAlthoughTheirAnswerIsEmpty() async throws {
  let mutations = Recorder<Mutation>()
  var observer = DiscordObserver()
  observer.mutation = { mutations.add($0) }
  let (reads, transport) = try makeReads(VirtualClock(), observer) { _, line in
    switch line {
    case "GET /guilds/1/channels":
      .json(
        #"[{"id":"10","type":4,"position":0},"#
          + #"{"id":"11","type":0,"name":"a","position":2,"parent_id":null}]"#)
    case "PATCH /guilds/1/channels": HTTPResponse(status: 204)
    default: nil
    }
  }
  _ = try await reads.channels("1")
  let moves = #"[{"id":"11","position":5,"parent_id":"10"},{"id":"99","position":1}]"#
  _ = try await reads.send(write("PATCH", "/guilds/1/channels", moves))
  let channel = try #require(try await reads.channels("1")["11"])
  #expect(
    try JSONValue(parsing: channel)
      == ["id": "11", "type": 0, "name": "a", "position": 5, "parent_id": "10"])
  #expect(transport.requests.count == 2)
  // The security log has where they stood, and where they were asked to be.
  let mutation = try #require(mutations.all.first)
  #expect(text(mutation.before) == #"[{"id":"11","parent_id":null,"position":2}]"#)
  #expect(text(mutation.requested) == moves)
}

@Test func lostWriteMakesTheNextUseReadAgain() async throws {
  let (reads, transport) = try makeReads { (_, line) async throws(TransportError) in
    if line == "POST /guilds/1/channels" { throw .reset }
    return nil
  }
  _ = try await reads.channels("1")
  await #expect(throws: DiscordError.self) {
    try await reads.send(write("POST", "/guilds/1/channels"))
  }
  _ = try await reads.channels("1")
  #expect(transport.requests.count == 3)
}

@Test func refusalIsSharedForAMomentAndTroubleIsNot() async throws {
  let clock = VirtualClock()
  let (reads, transport) = try makeReads(clock) { _, line in
    line == "GET /guilds/7/channels"
      ? .json(#"{"code":10004,"message":"Unknown Guild"}"#, status: 404) : nil
  }
  for _ in 0..<50 {
    await #expect(throws: DiscordError.self) { try await reads.channels("7") }
  }
  #expect(transport.requests.count == 1)
  clock.advance(by: .seconds(6))
  await #expect(throws: DiscordError.self) { try await reads.channels("7") }
  #expect(transport.requests.count == 2)
}

@Test func brokenListIsTroubleAndNotAnEmptyGuild() async throws {
  for body in [#"[{"id":"1"},{"name":"no id"}]"#, #"{"id":"1"}"#, #"[{"id":"1"}, {"id":"2]"#] {
    let (reads, _) = try makeReads { _, _ in .json(body) }
    await #expect(throws: DiscordError.self) { try await reads.channels("1") }
  }
}

@Test func guildsAreReadPageByPage() async throws {
  let (reads, transport) = try makeReads { request, _ in
    let ids = request.url.contains("after=200") ? 201...205 : 1...200
    return .json("[" + ids.map { #"{"id":"\#($0)"}"# }.joined(separator: ",") + "]")
  }
  #expect(try await reads.guilds().count == 205)
  #expect(transport.requests.count == 2)
}

@Test func auditLogGivesWhoMadeWhatAndWhy() async throws {
  let (reads, transport) = try makeReads { _, _ in
    .json(
      """
      {"audit_log_entries":[{"id":"9","user_id":"2","target_id":"13","action_type":10,
      "reason":"nonce abc"},{"id":"8","user_id":null,"target_id":null,"action_type":10}]}
      """)
  }
  let entries = try await reads.auditLog(guild: "1", actionType: 10)
  #expect(
    entries == [
      AuditLogEntry(id: "9", userID: "2", targetID: "13", actionType: 10, reason: "nonce abc"),
      AuditLogEntry(id: "8", userID: nil, targetID: nil, actionType: 10, reason: nil),
    ])
  #expect(transport.lines == ["GET /guilds/1/audit-logs?action_type=10&limit=100"])
}

@Test func securityLogKnowsWhatWasThereBefore() async throws {
  let mutations = Recorder<Mutation>()
  var observer = DiscordObserver()
  observer.mutation = { mutations.add($0) }
  let (reads, _) = try makeReads(VirtualClock(), observer) { _, line in
    line == "PATCH /guilds/1/roles/21" ? .json(#"{"id":"21","name":"boss"}"#) : nil
  }
  _ = try await reads.guild("1")
  _ = try await reads.send(write("PATCH", "/guilds/1/roles/21", #"{"name":"boss"}"#))
  let mutation = try #require(mutations.all.first)
  #expect(text(mutation.before) == #"{"id":"21","name":"mod"}"#)
  #expect(text(mutation.requested) == #"{"name":"boss"}"#)
  #expect(text(mutation.after) == #"{"id":"21","name":"boss"}"#)
}
