import HTTPTransport
import Logging
import Synchronization
import Testing

@testable import KubeWatch

@Suite(.timeLimit(.minutes(1)))
struct ReflectorTests {
  private let changes = Changes()
  private let waits = Counter()

  private final class Changes: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ change: StoreChange) { list.withLock { $0.append(shape(change)) } }
  }

  /// How often the reflector waited before it tried again.
  private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
  }

  private static func item(_ name: String, _ version: String) -> String {
    #"{"metadata":{"name":"\#(name)","namespace":"ns","uid":"\#(name)","resourceVersion":"\#(version)"}}"#
  }

  private static func page(
    _ items: [String], _ version: String, next: String = ""
  ) -> HTTPResponse {
    .json(
      #"{"kind":"List","metadata":{"resourceVersion":"\#(version)","continue":"\#(next)"},"items":[\#(items.joined(separator: ","))]}"#
    )
  }

  private static func event(_ type: String, _ name: String, _ version: String) -> String {
    #"{"type":"\#(type)","object":\#(item(name, version))}"#
  }

  private static let bookmark =
    #"{"type":"BOOKMARK","object":{"kind":"Channel","metadata":{"resourceVersion":"50"}}}"#
  private static let gone =
    #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410}}"#

  private func reflect(
    _ transport: ScriptedTransport, until isDone: @Sendable (Reflector) -> Bool
  ) async -> Reflector {
    let client = KubeClient(
      access: ClusterAccess(server: "https://k"), transport: transport, sleep: { _ in })
    let reflector = Reflector(
      type: channels, client: client, store: Store(), logger: Logger(label: "test"),
      random: { 0 },
      sleep: { [waits] _ in
        waits.add()
        await Task.yield()
      }, onChange: { [changes] in changes.add($0) })
    await withTaskGroup { group in
      group.addTask { await reflector.run() }
      await reflector.waitUntilSynced()
      let succeeded = await eventually { isDone(reflector) }
      #expect(succeeded, "saw \(changes.all), asked \(transport.urls)")
      group.cancelAll()
    }
    return reflector
  }

  /// A cluster may have only some of the CustomResourceDefinitions; the others come later, or never.
  @Test func aTypeThatIsNotInstalledHoldsNobodyUpAndStartsOnceItIs() async {
    let isInstalled = Mutex(false)
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in
      guard isInstalled.withLock({ $0 }) else {
        return HTTPResponse(status: 404, body: Array("404 page not found".utf8))
      }
      return Self.page([Self.item("a", "1")], "10")
    })
    let wasMissing = Mutex(false)
    let reflector = await reflect(transport) { reflector in
      if reflector.status.isTypeMissing {
        wasMissing.withLock { $0 = true }
        isInstalled.withLock { $0 = true }
      }
      return reflector.hasSynced
    }
    #expect(wasMissing.withLock { $0 })
    #expect(!reflector.status.isTypeMissing)
    #expect(changes.all.count == 1)
  }

  @Test func pagesAreFollowedAndEventsAppliedInOrder() async {
    let transport = ScriptedTransport(
      streams: [
        .linesThenHang([
          Self.event("MODIFIED", "a", "11"), Self.event("ADDED", "c", "12"),
          Self.event("DELETED", "b", "13"),
        ])
      ],
      onSend: { request, number throws(TransportError) in
        number == 0
          ? Self.page([Self.item("a", "1")], "10", next: "more")
          : Self.page([Self.item("b", "2")], "10")
      })
    let reflector = await reflect(transport) { _ in changes.all.count == 5 }
    #expect(
      changes.all == ["added a@1", "added b@2", "modified a@1-11", "added c@12", "deleted b@13"])
    #expect(reflector.store.count == 2)
    #expect(
      transport.urls == [
        "https://k/apis/channel.discord.crossplane.io/v1alpha1/channels?limit=500",
        "https://k/apis/channel.discord.crossplane.io/v1alpha1/channels?limit=500&continue=more",
        "https://k/apis/channel.discord.crossplane.io/v1alpha1/channels?watch=1"
          + "&resourceVersion=10&allowWatchBookmarks=true&timeoutSeconds=300",
      ])
    #expect(transport.requests.last?.idleTimeout == .seconds(90))
  }

  @Test func aWatchResumesFromTheLastBookmark() async {
    let transport = ScriptedTransport(
      streams: [.lines([Self.event("ADDED", "a", "11"), Self.bookmark])],
      onSend: { _, _ throws(TransportError) in Self.page([], "10") })
    _ = await reflect(transport) { _ in transport.urls.count == 3 }
    #expect(transport.urls[2].contains("resourceVersion=50&"))
  }

  @Test(arguments: [
    ScriptedTransport.StreamAnswer.lines([gone]),
    .status(410, #"{"kind":"Status","reason":"Gone","code":410,"message":"too old"}"#),
  ])
  func anExpiredWatchListsAgainAndFindsWhatChangedMeanwhile(
    answer: ScriptedTransport.StreamAnswer
  ) async {
    let transport = ScriptedTransport(
      streams: [answer],
      onSend: { _, number throws(TransportError) in
        number == 0
          ? Self.page([Self.item("a", "1"), Self.item("b", "2")], "10")
          : Self.page([Self.item("b", "22"), Self.item("c", "23")], "30")
      })
    _ = await reflect(transport) { _ in changes.all.count == 5 && transport.urls.count == 4 }
    #expect(
      changes.all == ["added a@1", "added b@2", "modified b@2-22", "added c@23", "deleted a@1"])
    #expect(transport.urls[3].contains("resourceVersion=30&"))
  }

  @Test func aLostConnectionResumesWithoutAList() async {
    let lost = TransportError(kind: .connectionLost, message: "", requestMayHaveBeenSent: true)
    let transport = ScriptedTransport(
      streams: [
        .linesThenFail([Self.event("ADDED", "a", "11")], lost), .failure(lost),
        .status(503, "no"), .linesThenHang([Self.event("ADDED", "b", "12")]),
      ],
      onSend: { _, _ throws(TransportError) in Self.page([], "10") })
    let reflector = await reflect(transport) { _ in changes.all.count == 2 }
    #expect(changes.all == ["added a@11", "added b@12"])
    #expect(transport.urls.filter { $0.contains("limit=") }.count == 1)
    #expect(transport.urls.filter { $0.contains("resourceVersion=11&") }.count == 3)
    #expect(reflector.status.failures == 0)
  }

  @Test func aSilentWatchIsOpenedAgainAndIsNoFailure() async {
    let silent = TransportError(kind: .timedOut, message: "", requestMayHaveBeenSent: true)
    let transport = ScriptedTransport(
      streams: [.linesThenFail([Self.event("ADDED", "a", "11")], silent)],
      onSend: { _, _ throws(TransportError) in Self.page([], "10") })
    let reflector = await reflect(transport) { _ in transport.urls.count == 3 }
    #expect(transport.urls[2].contains("resourceVersion=11&"))
    #expect(reflector.status.failures == 0)
    #expect(waits.count == 0)
  }

  @Test func whatAnUnfinishedListSawIsVoid() async {
    let transport = ScriptedTransport(onSend: { _, number throws(TransportError) in
      switch number {
      case 0: Self.page([Self.item("a", "1")], "10", next: "more")
      case 1:
        .json(#"{"kind":"Status","reason":"Expired","code":410,"message":"old"}"#, status: 410)
      default: Self.page([Self.item("b", "2")], "20")
      }
    })
    let reflector = await reflect(transport) { $0.status.lists == 1 }
    #expect(changes.all == ["added a@1", "added b@2", "deleted a@1"])
    #expect(reflector.store.count == 1)
  }

  /// A cluster that was restored from a backup counts from an earlier version.
  @Test func aListIsBelievedThoughItLooksOlder() async {
    let transport = ScriptedTransport(
      streams: [.lines([Self.gone])],
      onSend: { _, number throws(TransportError) in
        number == 0
          ? Self.page([Self.item("a", "100")], "100") : Self.page([Self.item("a", "7")], "9")
      })
    _ = await reflect(transport) { _ in changes.all.count == 2 }
    #expect(changes.all == ["added a@100", "modified a@100-7"])
  }

  @Test func anEchoMovesThePlaceFromWhichAWatchResumes() async {
    let change = Self.event("MODIFIED", "a", "11")
    let transport = ScriptedTransport(
      streams: [.lines([change, change])],
      onSend: { _, _ throws(TransportError) in Self.page([Self.item("a", "1")], "10") })
    _ = await reflect(transport) { _ in transport.urls.count == 3 }
    #expect(changes.all == ["added a@1", "modified a@1-11"])
    #expect(transport.urls[2].contains("resourceVersion=11&"))
  }

  @Test func aDeletionIsNoEchoThoughItShowsTheLastKnownState() async {
    let transport = ScriptedTransport(
      streams: [.linesThenHang([Self.event("DELETED", "a", "1")])],
      onSend: { _, _ throws(TransportError) in Self.page([Self.item("a", "1")], "10") })
    _ = await reflect(transport) { _ in changes.all.count == 2 }
    #expect(changes.all == ["added a@1", "deleted a@1"])
  }

  @Test func aListThatFailsIsTriedAgainAndTheFailureIsVisible() async {
    let mayAnswer = Mutex(false)
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in
      mayAnswer.withLock({ $0 })
        ? Self.page([Self.item("a", "1")], "10")
        : .json(#"{"kind":"Status","reason":"Forbidden","code":403,"message":"no"}"#, status: 403)
    })
    let client = KubeClient(access: ClusterAccess(server: "https://k"), transport: transport)
    let reflector = Reflector(
      type: channels, client: client, store: Store(), logger: Logger(label: "test"),
      sleep: { _ in try await Task.sleep(for: .milliseconds(5)) })
    await withTaskGroup { group in
      group.addTask { await reflector.run() }
      #expect(await eventually { reflector.status.failures > 1 })
      #expect(reflector.status.lastError == "403 Forbidden: no")
      #expect(!reflector.hasSynced)
      mayAnswer.withLock { $0 = true }
      await reflector.waitUntilSynced()
      #expect(reflector.hasSynced)
      #expect(reflector.status.lastError == nil)
      group.cancelAll()
    }
  }

  @Test func linesAreFoundWhereverChunksAreCut() {
    var splitter = LineSplitter()
    var lines: [String] = []
    for chunk in ["a", "b\nc", "\n\nd\ne", "f\n"] {
      splitter.feed(Array(chunk.utf8)) { lines.append(String(decoding: $0, as: UTF8.self)) }
    }
    #expect(lines == ["ab", "c", "d", "ef"])
    #expect(!splitter.isOverfull)
    let piece = [UInt8](repeating: 120, count: 1 << 20)
    for _ in 0...(LineSplitter.limit >> 20) {
      splitter.feed(piece) { _ in Issue.record("no line has ended") }
    }
    // Named first: a failure would print the splitter with all that it holds.
    let isOverfull = splitter.isOverfull
    #expect(isOverfull)
  }
}
