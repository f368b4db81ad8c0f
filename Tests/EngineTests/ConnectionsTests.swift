import DiscordAPI
import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Synchronization
import Testing

@testable import Engine

/// From a ProviderConfig through its Secret to a client, as both change.
@Suite struct ConnectionsTests {
  private struct NoNetwork: Transport {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      throw TransportError(kind: .cannotConnect, message: "", requestMayHaveBeenSent: false)
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
      throw TransportError(kind: .cannotConnect, message: "", requestMayHaveBeenSent: false)
    }
  }

  private final class World: Sendable {
    private let secret = Mutex<(@Sendable (Connections.SecretReading) -> Void)?>(nil)
    private let names = Mutex<[String]>([])

    var woken: [String] { names.withLock { $0 } }
    func wake(_ name: String) { names.withLock { $0.append(name) } }
    func watch(_ report: @escaping @Sendable (Connections.SecretReading) -> Void) {
      secret.withLock { $0 = report }
    }

    /// What the API server says of the Secret.
    func says(_ reading: Connections.SecretReading) { secret.withLock { $0 }?(reading) }
    func says(token: String) { says(.data(["token": Array(token.utf8)])) }
  }

  private let world = World()
  private let connections: Connections

  init() throws {
    let world = world
    let time = TimeSource.system()
    connections = Connections(
      watch: { _, report in
        world.watch(report)
        return Task {}
      },
      connect: { baseURL, token, _ in
        let client = DiscordClient(
          baseURL: try DiscordBaseURL(baseURL), token: token, transport: NoNetwork())
        let reads = ConnectionReads(reads: GuildReads(client: client), time: time)
        return DiscordConnection(client: client, reads: reads, reach: DiscordReachRecorder())
      },
      wake: { world.wake($0) },
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    for name in ["default", "same"] {
      let config: JSONValue = [
        "metadata": ["name": .string(name), "uid": .string(name), "resourceVersion": "1"],
        "spec": [
          "credentials": [
            "source": "Secret",
            "secretRef": ["namespace": "ns", "name": "credentials", "key": "token"],
          ]
        ],
      ]
      connections.configChanged(
        .added(
          try #require(
            StoredObject(json: config.serialized(), type: ProviderConfigs.type))))
    }
    connections.synced()
  }

  private func client(of config: String = "default", isDeleting: Bool = false) -> DiscordClient? {
    guard case .ready(let found) = connections.connection(for: config, isDeleting: isDeleting)
    else { return nil }
    return found.client
  }

  @Test func whoUsesTheSameTokenSharesItsLimits() throws {
    #expect(client() == nil)
    world.says(token: "one.token.of.a.bot")
    let first = try #require(client())
    #expect(client() === first)
    #expect(client(of: "same") === first)
    #expect(connections.all().count == 1)
  }

  @Test func aNewTokenIsUsedAtOnceAndTheOldOneForgotten() throws {
    world.says(token: "one.token.of.a.bot")
    let first = try #require(client())
    let before = world.woken.count
    world.says(token: "another.token.of.a.bot")
    #expect(world.woken.dropFirst(before).sorted() == ["default", "same"])
    let second = try #require(client())
    #expect(second !== first)
    #expect(connections.all().map(\.client).allSatisfy { $0 === second })
    // The same again is no news.
    world.says(token: "another.token.of.a.bot")
    #expect(world.woken.count == before + 2)
  }

  @Test func whoHasTheTokenGoesOnWhenItMayNoLongerBeRead() throws {
    world.says(.refused("forbidden"))
    #expect(client() == nil)
    world.says(token: "one.token.of.a.bot")
    let first = try #require(client())
    world.says(.refused("forbidden"))
    #expect(client() === first)
  }

  @Test func onlyADeletionGoesOnWithTheTokenOfASecretThatIsGone() throws {
    world.says(token: "one.token.of.a.bot")
    let first = try #require(client())
    world.says(.missing)
    #expect(client() == nil)
    #expect(client(isDeleting: true) === first)
  }
}
