import DiscordAPI
import HTTPTransport
import Testing

@Test func requestCarriesWhatDiscordDemands() async throws {
  let transport = ScriptedTransport([.json("{}", status: 201)])
  let client = try makeClient(transport)
  var request = write("POST", "/guilds/1/channels", #"{"name":"a"}"#)
  request.query = [("a b", "c&d")]
  request.auditLogReason = "für 100% +1"
  let response = try await client.send(request)
  #expect(response.status == 201)
  let sent = try #require(transport.requests.first)
  #expect(sent.url == "https://discord.com/api/v10/guilds/1/channels?a%20b=c%26d")
  #expect(sent.headers["Authorization"] == "Bot \(secret)")
  #expect(sent.headers["Content-Type"] == "application/json")
  #expect(sent.headers["X-Audit-Log-Reason"] == "f%C3%BCr%20100%25%20%2B1")
  let agent = try #require(sent.headers["User-Agent"])
  #expect(agent.hasPrefix("DiscordBot (https://") && agent.hasSuffix(", 0.1.0)"))
}

@Test func auditLogReasonIsCutTo512BetweenCharacters() async throws {
  let transport = ScriptedTransport([.json("{}")])
  let client = try makeClient(transport)
  var request = write("PATCH", "/channels/1")
  request.auditLogReason = String(repeating: "ü", count: 200)
  _ = try await client.send(request)
  let reason = try #require(transport.requests.first?.headers["X-Audit-Log-Reason"])
  #expect(reason == String(repeating: "%C3%BC", count: 85))
}

@Test(arguments: [
  "guilds/1", "/guilds/../users", "/guilds//1", "/guilds/1?x=y", "/a b", "/a%2Fb", "/", "/a\r\nb",
])
func pathsThatCouldLeadElsewhereAreRefused(path: String) async throws {
  let transport = ScriptedTransport([.json("{}")])
  let error = await failure(try makeClient(transport), get(path))
  guard case .invalidRequest? = error else {
    Issue.record("\(String(describing: error))")
    return
  }
  #expect(transport.requests.isEmpty)
}

@Test(arguments: ["GET", "PUT", "PATCH", "DELETE"])
func repeatableMethodsAreTriedThreeTimes(method: String) async throws {
  let clock = VirtualClock()
  let transport = ScriptedTransport {
    (_, number) async throws(TransportError) -> HTTPResponse in
    switch number {
    case 0: return .json("<html>bad gateway</html>", status: 502)
    case 1: throw .reset
    default: return .json("{}")
    }
  }
  let client = try makeClient(transport, clock: clock)
  let response = try await client.send(write(method, "/channels/1", nil))
  #expect(response.status == 200)
  #expect(transport.requests.count == 3)
  #expect(clock.sleeps == [.milliseconds(200), .milliseconds(400)])
}

@Test func triesAreBounded() async throws {
  let transport = ScriptedTransport([.json("oops", status: 500)])
  let error = await failure(try makeClient(transport), write("PATCH", "/channels/1"))
  #expect(
    error == .unavailable(status: 500, message: "oops", mayHaveBeenPerformed: true))
  #expect(transport.requests.count == 3)
}

@Test func postIsNeverSentAgain() async throws {
  let answers: [Result<HTTPResponse, TransportError>] = [
    .success(.json("oops", status: 500)), .success(.json("oops", status: 503)), .failure(.reset),
    .success(.json("<html>welcome</html>")), .success(.json(#"{"id":"1","na"#)),
  ]
  for answer in answers {
    let transport = ScriptedTransport {
      (_, _) async throws(TransportError) -> HTTPResponse in try answer.get()
    }
    let error = await failure(try makeClient(transport), write("POST", "/guilds/1/channels"))
    guard case .unavailable(_, _, mayHaveBeenPerformed: true)? = error else {
      Issue.record("\(String(describing: error))")
      continue
    }
    #expect(transport.requests.count == 1)
  }
}

@Test func postThatNeverLeftIsNotSaidToHaveBeenPerformed() async throws {
  let transport = ScriptedTransport {
    (_, _) async throws(TransportError) -> HTTPResponse in throw .refused
  }
  let error = await failure(try makeClient(transport), write("POST", "/guilds/1/channels"))
  guard case .unavailable(nil, _, mayHaveBeenPerformed: false)? = error else {
    Issue.record("\(String(describing: error))")
    return
  }
  #expect(transport.requests.count == 1)
}

@Test func deletionOfWhatIsGoneIsASuccessButNotOfALostGuild() async throws {
  let gone = ScriptedTransport([.json(#"{"code":10003,"message":"Unknown Channel"}"#, status: 404)])
  let response = try await makeClient(gone).send(write("DELETE", "/channels/1", nil))
  #expect(response.status == 404)
  for body in [#"{"code":10004,"message":"Unknown Guild"}"#, #"{"code":0,"message":"404"}"#] {
    let error = await failure(
      try makeClient(ScriptedTransport([.json(body, status: 404)])),
      write("DELETE", "/guilds/1/roles/2", nil))
    guard case .answered(let failure)? = error else {
      Issue.record("\(String(describing: error))")
      continue
    }
    #expect(failure.status == 404)
  }
}

@Test func refusedTokenStopsEveryRequestOfTheClient() async throws {
  let clock = VirtualClock()
  let refusals = Recorder<Int>()
  var observer = DiscordObserver()
  observer.tokenRefused = { refusals.add(1) }
  let transport = ScriptedTransport([.json(#"{"message":"401","code":0}"#, status: 401)])
  let client = try makeClient(transport, clock: clock, observer: observer)
  #expect(await failure(client, get("/users/@me")) == .unauthorized)
  #expect(await failure(client, get("/guilds/1")) == .unauthorized)
  #expect(await failure(client, write("POST", "/guilds/1/channels")) == .unauthorized)
  #expect(transport.requests.count == 1)
  #expect(client.snapshot().isTokenRefused)
  #expect(client.snapshot().invalidRequests == 1)
  #expect(refusals.all.count == 1)
}

@Test func refusedTokenSendsThoseThatWaitHome() async throws {
  let gate = Gate()
  let transport = ScriptedTransport {
    (_, _) async throws(TransportError) -> HTTPResponse in
    await gate.pass()
    return .json(#"{"message":"401","code":0}"#, status: 401)
  }
  let client = try makeClient(transport)
  // The route is unknown: one goes, the others wait for its answer.
  async let first = failure(client, get("/guilds/1"))
  await gate.whenWaiting(1)
  async let second = failure(client, get("/guilds/1"))
  async let third = failure(client, get("/guilds/1"))
  while client.snapshot().waiting < 2 { await Task.yield() }
  gate.open()
  let errors = await [first, second, third]
  #expect(errors == [.unauthorized, .unauthorized, .unauthorized])
  #expect(transport.requests.count == 1)
}

@Test func shortLimitIsWaitedForAndAPostIsSentAgainAfterIt() async throws {
  let clock = VirtualClock()
  let limits = Recorder<RateLimitNotice.Scope>()
  var observer = DiscordObserver()
  observer.rateLimited = { scope, _, _ in limits.add(scope) }
  let transport = ScriptedTransport([
    .json(
      #"{"retry_after":0.6,"global":false,"message":"slow"}"#, status: 429,
      headers: ["Via": "1.1 google", "X-RateLimit-Scope": "user", "Retry-After": "1"]),
    .json("{}", status: 201),
  ])
  let client = try makeClient(transport, clock: clock, observer: observer)
  let start = clock.now
  #expect(try await client.send(write("POST", "/guilds/1/channels")).status == 201)
  // The body's time and the margin; the header only rounds it up.
  #expect(start.duration(to: clock.now) >= .milliseconds(650))
  #expect(limits.all == [.user])
  #expect(client.snapshot().invalidRequests == 1)
}

@Test func longLimitGoesBackToTheQueue() async throws {
  let transport = ScriptedTransport([
    .json(
      #"{"retry_after":582.1,"global":false}"#, status: 429,
      headers: [
        "Via": "1.1 google", "X-RateLimit-Scope": "user", "X-RateLimit-Remaining": "4",
        "X-RateLimit-Bucket": "p", "X-RateLimit-Limit": "5", "X-RateLimit-Reset-After": "15",
      ]),
    .json("{}"),
  ])
  let client = try makeClient(transport)
  let rename = write("PATCH", "/channels/1", #"{"name":"b","nsfw":true}"#)
  guard case .requeue(let after, _)? = await failure(client, rename) else {
    Issue.record("not handed back")
    return
  }
  #expect(after == .milliseconds(582_150))
  // The next try does not even leave; other fields do.
  #expect(await failure(client, rename) != nil)
  #expect(throws: DiscordError.self) { try client.checkAdmission(rename) }
  #expect(transport.requests.count == 1)
  _ = try await client.send(write("PATCH", "/channels/1", #"{"nsfw":true}"#))
  #expect(transport.requests.count == 2)
}

@Test func sharedLimitIsNoInvalidRequest() async throws {
  let transport = ScriptedTransport([
    .json(
      #"{"retry_after":30,"global":false}"#, status: 429,
      headers: ["Via": "1.1 google", "X-RateLimit-Scope": "shared"])
  ])
  let client = try makeClient(transport)
  guard case .requeue? = await failure(client, get("/guilds/1")) else {
    Issue.record("not handed back")
    return
  }
  #expect(client.snapshot().invalidRequests == 0)
}

@Test func cloudflareLimitPausesTheAddressForAllItsClients() async throws {
  let clock = VirtualClock()
  let address = DiscordAddress()
  let transport = ScriptedTransport([
    HTTPResponse(status: 429, headers: [:], body: Array("error code: 1015".utf8)), .json("{}"),
  ])
  func client() throws -> DiscordClient {
    DiscordClient(
      token: try DiscordToken(secret), transport: transport, address: address, time: clock.time)
  }
  let (one, two) = (try client(), try client())
  guard case .requeue(.seconds(60), _)? = await failure(one, get("/guilds/1")) else {
    Issue.record("not handed back")
    return
  }
  guard case .requeue(.seconds(60), _)? = await failure(two, get("/guilds/1")) else {
    Issue.record("the other client goes on")
    return
  }
  #expect(transport.requests.count == 1)
  clock.advance(by: .seconds(60))
  _ = try await two.send(get("/guilds/1"))
}

@Test func atAQuarterOfTheInvalidRequestsTheClientSendsATokenCheckAMinuteAndNothingElse()
  async throws
{
  let clock = VirtualClock()
  let address = DiscordAddress()
  for _ in 0..<2_500 { _ = address.noteInvalid(at: clock.time.now()) }
  let transport = ScriptedTransport { (request, number) async throws(TransportError) in
    number < 2 ? .json("{}") : .json(#"{"message":"401: Unauthorized","code":0}"#, status: 401)
  }
  let client = DiscordClient(
    token: try DiscordToken(secret), transport: transport, address: address, time: clock.time)
  for minute in 1...3 {
    for _ in 0..<5 {
      let refusal = await failure(client, get("/guilds/1"))
      guard case .requeue? = refusal else {
        #expect(minute == 3 && refusal == .unauthorized)
        continue
      }
    }
    #expect(transport.requests.count == minute)
    clock.advance(by: .seconds(60))
  }
  #expect(transport.requests.allSatisfy { $0.url.hasSuffix("/users/@me") })
  // The third was refused: the token is closed.
  #expect(client.isTokenRefused)
}

@Test func breakerOpensForItsTypeOnlyAndNeverForRefusals() async throws {
  let clock = VirtualClock()
  let transitions = Recorder<String>()
  var observer = DiscordObserver()
  observer.breakerChanged = { transitions.add("\($0): \($1.from) → \($1.to)") }
  let transport = ScriptedTransport {
    (request, number) async throws(TransportError) -> HTTPResponse in
    if request.url.contains("/roles") {
      return .json(#"{"code":50013,"message":"Missing Permissions"}"#, status: 403)
    }
    if number < 20 { throw .refused }
    return .json("{}")
  }
  var configuration = DiscordClientConfiguration()
  configuration.tries = 1
  configuration.breaker.coolDown = .seconds(30)
  let client = try makeClient(
    transport, clock: clock, observer: observer, configuration: configuration)
  for _ in 0..<5 { _ = await failure(client, get("/channels/1")) }
  #expect(
    await failure(client, get("/channels/1"))
      == .circuitOpen(resourceType: "channel", retryAfter: .seconds(30)))
  #expect(transport.requests.count == 5)
  for _ in 0..<15 { _ = await failure(client, get("/guilds/1/roles", type: "role")) }
  #expect(transport.requests.count == 20)
  #expect(client.snapshot().breakers.map(\.phase) == [.open, .closed])
  clock.advance(by: .seconds(30))
  _ = try await client.send(get("/channels/1"))
  #expect(
    transitions.all == [
      "channel: closed → open", "channel: open → halfOpen", "channel: halfOpen → closed",
    ])
}

@Test func aReadAndNotAWriteFindsOutWhetherDiscordIsBack() async throws {
  let clock = VirtualClock()
  let transport = ScriptedTransport {
    (request, number) async throws(TransportError) -> HTTPResponse in
    if number < 6 { throw .refused }
    return .json(#"{"id":"5"}"#)
  }
  let client = try makeClient(transport, clock: clock)
  let create = write("POST", "/guilds/1/channels", #"{"name":"a"}"#)
  for _ in 0..<5 { _ = await failure(client, create) }
  #expect(client.snapshot().breakers.map(\.phase) == [.open])

  // The probe fails: the write is not sent at all.
  clock.advance(by: .seconds(10))
  guard case .circuitOpen = await failure(client, create) else {
    Issue.record("the write went out although the probe failed")
    return
  }
  #expect(transport.requests.count == 6)
  #expect(transport.requests.last?.url.hasSuffix("/users/@me") == true)

  clock.advance(by: .seconds(60))
  _ = try await client.send(create)
  #expect(transport.requests.suffix(2).map(\.method) == ["GET", "POST"])
  #expect(client.snapshot().breakers.map(\.phase) == [.closed])
}

@Test func cancelledWaiterLeavesTheLimiter() async throws {
  let gate = Gate()
  let transport = ScriptedTransport {
    (_, _) async throws(TransportError) -> HTTPResponse in
    await gate.pass()
    return .json("{}")
  }
  let client = try makeClient(transport)
  async let first = failure(client, get("/guilds/1"))
  await gate.whenWaiting(1)
  let waiter = Task { await failure(client, get("/guilds/1")) }
  while client.snapshot().waiting < 1 { await Task.yield() }
  waiter.cancel()
  #expect(await waiter.value == .cancelled(mayHaveBeenPerformed: false))
  #expect(client.snapshot().waiting == 0)
  gate.open()
  #expect(await first == nil)
}

@Test func observerHearsOperationsAndMutations() async throws {
  let finished = Recorder<FinishedRequest>()
  let mutations = Recorder<Mutation>()
  var observer = DiscordObserver()
  observer.requestFinished = { finished.add($0) }
  observer.mutation = { mutations.add($0) }
  let transport = ScriptedTransport([
    .json("{}"), .json(#"{"id":"5"}"#, status: 201),
    .json(#"{"code":50013,"message":"Missing Permissions"}"#, status: 403),
  ])
  let client = try makeClient(transport, observer: observer)
  _ = try await client.send(get("/guilds/1"))
  var create = write("POST", "/guilds/1/channels", #"{"name":"a"}"#)
  create.actor = "channel default/a"
  _ = try await client.send(create)
  _ = await failure(client, write("PATCH", "/channels/5", #"{"name":"b"}"#))
  #expect(finished.all.map(\.status) == [.success, .success, .clientError])
  #expect(finished.all.last?.route == "PATCH /channels/{id}")
  #expect(mutations.all.count == 2)
  #expect(mutations.all.first?.actor == "channel default/a")
  #expect(mutations.all.first?.after == Array(#"{"id":"5"}"#.utf8))
  #expect(mutations.all.last?.failure?.contains("Missing Permissions") == true)
}
