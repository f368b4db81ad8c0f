import DiscordAPI
import HTTPTransport
import Testing

/// What a write that may have been performed, or was never sent, leaves behind.
@Suite struct LostWriteTests {
  private func mayHaveBeenPerformed(_ error: DiscordError?) -> Bool {
    guard case .unavailable(_, _, mayHaveBeenPerformed: true)? = error else { return false }
    return true
  }

  /// Else nobody would look for what the first try did.
  @Test func aLostWriteIsNotHiddenByTheBreakerThatRefusesItsNextTry() async throws {
    var configuration = DiscordClientConfiguration()
    configuration.breaker.failures = 1
    let transport = ScriptedTransport {
      (_, _) async throws(TransportError) -> HTTPResponse in throw .reset
    }
    let client = try makeClient(transport, configuration: configuration)
    let error = await failure(client, write("PATCH", "/channels/1"))
    #expect(mayHaveBeenPerformed(error), "\(String(describing: error))")
    #expect(transport.requests.count == 1)
  }

  @Test func aLostWriteIsNotHiddenByTheLimitThatRefusesItsNextTries() async throws {
    let transport = ScriptedTransport {
      (_, number) async throws(TransportError) -> HTTPResponse in
      if number == 0 { throw .reset }
      return .json(
        #"{"retry_after":0.1,"global":false}"#, status: 429,
        headers: ["Via": "1.1 google", "X-RateLimit-Scope": "user"])
    }
    let error = await failure(try makeClient(transport), write("PATCH", "/channels/1"))
    #expect(mayHaveBeenPerformed(error), "\(String(describing: error))")
    #expect(transport.requests.count == 4)
  }

  @Test func aWriteThatTheBreakerKeepsBackIsNoLineOfTheSecurityLog() async throws {
    let mutations = Recorder<Mutation>()
    var observer = DiscordObserver()
    observer.mutation = { mutations.add($0) }
    var configuration = DiscordClientConfiguration()
    configuration.breaker.failures = 1
    let transport = ScriptedTransport {
      (_, _) async throws(TransportError) -> HTTPResponse in throw .reset
    }
    let client = try makeClient(transport, observer: observer, configuration: configuration)
    _ = await failure(client, write("POST", "/guilds/1/channels"))
    let error = await failure(client, write("POST", "/guilds/1/channels"))
    guard case .circuitOpen? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(transport.requests.count == 1)
    #expect(mutations.all.count == 1)
  }

  /// Who has the last part of a webhook's address can post.
  @Test func aWebhooksTokenIsNotInTheSecurityLog() async throws {
    let mutations = Recorder<Mutation>()
    var observer = DiscordObserver()
    observer.mutation = { mutations.add($0) }
    let client = try makeClient(ScriptedTransport([.json("{}")]), observer: observer)
    _ = try await client.send(write("PATCH", "/webhooks/1/tell-nobody"))
    #expect(mutations.all.map(\.path) == ["/webhooks/1/[redacted]"])
  }

  @Test(arguments: [401, 403, 404])
  func refusalsForWhichDiscordBansAnAddressAreCounted(status: Int) async throws {
    let client = try makeClient(
      ScriptedTransport([.json(#"{"code":0,"message":"no"}"#, status: status)]))
    _ = await failure(client, get("/guilds/1"))
    #expect(client.snapshot().invalidRequests == (status == 404 ? 0 : 1))
  }
}
