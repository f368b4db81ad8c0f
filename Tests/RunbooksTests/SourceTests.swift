import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Synchronization
import Testing

@testable import Runbooks

@Suite struct SourceTests {
  static let token =
    "TVRBd01EQXdNREF3TURBd01EQXdNREF3.GabcDE.aaaabbbbccccddddeeeeffff0123456789_-ab"

  static func reads(
    _ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse
  ) -> (KubeReads, ScriptedTransport) {
    let transport = ScriptedTransport(answer)
    return (
      KubeReads(
        access: ClusterAccess(server: "https://k"), transport: transport, version: "0"), transport
    )
  }

  // MARK: Kubernetes

  @Test func readsAllPagesOfAList() async throws {
    let (reads, _) = Self.reads { request in
      let isFirst = !request.url.contains("continue=")
      return .json([
        "kind": "PodList", "apiVersion": "v1", "metadata": ["continue": isFirst ? "x" : ""],
        "items": [["metadata": ["name": isFirst ? "a" : "b", "managedFields": []]]],
      ])
    }
    let source = KubeSource(reads: reads, time: .system())
    let answer = try await source.answer(
      "kube.list", ["gvr": ["version": "v1", "resource": "pods"], "namespace": "n"])
    let names = answer.value.arrayValue?.map { $0.value(at: "metadata", "name")?.stringValue }
    #expect(names == ["a", "b"])
    #expect(answer.value[0]?["kind"]?.stringValue == "Pod")
    #expect(answer.value[0]?.value(at: "metadata", "managedFields") == nil)
  }

  @Test(arguments: [
    "/api/v1/secrets", "/api/v1/namespaces/n/secrets/s", "/api/v1/namespaces/n/../secrets",
    "/api/v1/namespaces/n/%73ecrets", "/api/v1/namespaces/n/pods/p/exec",
    "/api/v1/namespaces/n/pods/p/proxy/x", "/logs", "http://elsewhere/", "/api//v1",
    "/api/v1/namespaces/n/serviceaccounts/a/token", "/api/v1/pods?watch=true",
  ])
  func refusesPathsThatAreClosed(path: String) async throws {
    let (reads, transport) = Self.reads { _ in .json([:]) }
    let source = KubeSource(reads: reads, time: .system())
    let error = await #expect(throws: SourceFailure.self) {
      try await source.answer("kube.raw", ["path": .string(path)])
    }
    #expect(error?.kind == .refused)
    #expect(transport.requests.isEmpty)
  }

  @Test func refusesSecretsAndWaysAroundThem() async throws {
    let (reads, transport) = Self.reads { _ in .json([:]) }
    let source = KubeSource(reads: reads, time: .system())
    let effects: [(String, JSONValue)] = [
      ("kube.get", ["gvr": ["version": "v1", "resource": "secrets"], "name": "s"]),
      ("kube.list", ["gvr": ["version": "v1", "resource": "secrets"]]),
      ("kube.list", ["gvr": ["version": "v1", "resource": "pods/../secrets"]]),
      (
        "kube.get", ["gvr": ["version": "v1", "resource": "pods"], "namespace": "..", "name": "a"]
      ),
      ("kube.get", ["gvr": ["version": "v1", "resource": "pods"], "name": "../secrets"]),
    ]
    for (name, effect) in effects {
      let error = await #expect(throws: SourceFailure.self) {
        try await source.answer(name, effect)
      }
      #expect(error?.kind == .refused)
    }
    #expect(transport.requests.isEmpty)
  }

  @Test func asksAServerThatDoesNotAnswerOnce() async throws {
    let (reads, transport) = Self.reads { _ throws(TransportError) in
      throw TransportError(kind: .timedOut, message: "slow", requestMayHaveBeenSent: true)
    }
    for expected in [SourceFailure.Kind.timeout, .unreachable, .unreachable] {
      let error = await #expect(throws: SourceFailure.self) {
        try await reads.json(path: "/version")
      }
      #expect(error?.kind == expected)
    }
    #expect(transport.requests.count == 1)
  }

  @Test func whoCanFollowsBindingsToRules() async throws {
    let (reads, _) = Self.reads { request in
      func list(_ items: JSONValue) -> HTTPResponse { .json(["metadata": [:], "items": items]) }
      if request.url.contains("/clusterroles?") {
        return list([
          [
            "metadata": ["name": "all"],
            "rules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
          ],
          [
            "metadata": ["name": "pods"],
            "rules": [["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]],
          ],
        ])
      }
      if request.url.contains("/clusterrolebindings?") {
        return list([
          [
            "metadata": ["name": "admins"], "roleRef": ["kind": "ClusterRole", "name": "all"],
            "subjects": [["kind": "Group", "name": "ops"]],
          ],
          [
            "metadata": ["name": "readers"], "roleRef": ["kind": "ClusterRole", "name": "pods"],
            "subjects": [["kind": "Group", "name": "devs"]],
          ],
        ])
      }
      if request.url.contains("/roles?") {
        return list([
          [
            "metadata": ["name": "one"],
            "rules": [
              [
                "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"],
                "resourceNames": ["discord-credentials"],
              ]
            ],
          ]
        ])
      }
      return list([
        [
          "metadata": ["name": "b", "namespace": "n"], "roleRef": ["kind": "Role", "name": "one"],
          "subjects": [["kind": "User", "name": "eve"]],
        ]
      ])
    }
    let source = KubeSource(reads: reads, time: .system())
    func subjects(_ name: String) async throws -> [String] {
      let answer = try await source.answer(
        "kube.who_can",
        [
          "verb": "get", "gvr": ["version": "v1", "resource": "secrets"], "namespace": "n",
          "name": .string(name),
        ])
      return (answer.value.arrayValue ?? []).compactMap {
        $0.value(at: "subject", "name")?.stringValue
      }
    }
    #expect(try await subjects("discord-credentials") == ["ops", "eve"])
    #expect(try await subjects("other") == ["ops"])
  }

  // MARK: Secrets

  @Test func aFingerprintGivesNothingAway() async throws {
    let data = Array(Self.token.utf8)
    let secret: JSONValue = [
      "metadata": [
        "uid": "u1", "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [
          [
            "manager": "helm", "operation": "Apply", "time": "2026-01-01T00:00:00Z",
            "fieldsV1": ["f:data": [:]],
          ],
          [
            "manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T00:00:00Z",
            "fieldsV1": ["f:data": [:]],
          ],
        ],
      ], "data": ["token": .string(Self.base64(data))], "type": "Opaque",
    ]
    let facts = SecretSource.fingerprint(of: secret, key: "token")
    #expect(facts["length"]?.integerValue == Int64(data.count))
    #expect(facts["shape_ok"]?.boolValue == true)
    #expect(facts["manager"]?.stringValue == "kubectl-edit")
    #expect(facts["changed_at"]?.stringValue == "2026-01-02T00:00:00Z")
    #expect(facts["hmac8"]?.stringValue?.count == 8)
    let text = facts.serializedText()
    #expect(!text.contains(Self.token) && !text.contains(Self.base64(data)))
    var other = secret
    other.set("u2", at: ["metadata", "uid"])
    #expect(SecretSource.fingerprint(of: other, key: "token")["hmac8"] != facts["hmac8"])
  }

  @Test(arguments: [
    ("abc.def.ghi\n", "ends with a newline"), ("Bot a.b.c", "begins with \"Bot \""),
    ("abc", "does not consist of three parts"), ("", "is empty"), ("\"a.b.c\"", "is in quotes"),
  ])
  func saysWhatIsWrongWithAToken(text: String, problem: String) {
    let facts = SecretSource.fingerprint(
      of: ["metadata": [:], "data": ["token": .string(Self.base64(Array(text.utf8)))]], key: "token"
    )
    #expect(facts["shape_ok"]?.boolValue == false)
    #expect(facts["shape"]?.stringValue?.contains(problem) == true)
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = Array(bytes[start..<min(start + 3, bytes.count)])
      let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for place in 0..<4 {
        text.append(place <= part.count ? digits[word >> (18 - 6 * place) & 63] : "=")
      }
    }
    return text
  }

  // MARK: Discord

  private static func discord(
    time: TimeSource = .system(),
    _ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse
  ) -> (DiscordReader, ScriptedTransport) {
    let (kube, _) = Self.reads { request in
      if request.url.contains("providerconfigs") {
        return .json([
          "spec": [
            "baseURL": "http://127.0.0.1:9/api/v10",
            "credentials": ["secretRef": ["namespace": "n", "name": "s", "key": "token"]],
          ]
        ])
      }
      return .json(["data": ["token": .string(base64(Array(token.utf8)))]])
    }
    let transport = ScriptedTransport(answer)
    return (
      DiscordReader(
        reads: kube, transport: transport, time: time, config: "default", version: "0"),
      transport
    )
  }

  private static func discord(status: Int) -> (DiscordReader, ScriptedTransport) {
    discord { _ in .json(["id": "1", "message": "m"], status: status) }
  }

  /// Answers with 429 so many times, each with a pause of so many seconds, and then well.
  private static func limited(
    _ times: Int, pause: String, clock: SleepersClock
  ) -> (DiscordReader, ScriptedTransport) {
    let left = Mutex(times)
    return discord(time: clock.source) { _ in
      let isLimited = left.withLock { left in
        left -= 1
        return left >= 0
      }
      guard isLimited else { return .json(["id": "1"]) }
      return HTTPResponse(status: 429, headers: ["Retry-After": pause], body: Array("{}".utf8))
    }
  }

  @Test func waitsOutAShortPauseOnce() async throws {
    let clock = SleepersClock()
    let (source, transport) = Self.limited(1, pause: "1.5", clock: clock)
    let answer = try await source.answer("discord.get", ["path": "/users/@me"])
    #expect(answer.value["status"]?.integerValue == 200)
    #expect(clock.source.uptime() == .milliseconds(1_500))
    #expect(transport.requests.count == 2)
    let limits = try await source.answer("discord.limits", [:]).value
    #expect(limits["requests"]?.integerValue == 2 && limits["user_429"]?.integerValue == 1)
  }

  @Test func aSecondRefusalIsTheAnswer() async throws {
    let (source, transport) = Self.limited(2, pause: "1", clock: SleepersClock())
    let answer = try await source.answer("discord.get", ["path": "/users/@me"])
    #expect(answer.value["status"]?.integerValue == 429)
    #expect(transport.requests.count == 2)
  }

  @Test func aLongPauseIsNotWaitedOut() async throws {
    let clock = SleepersClock()
    let (source, transport) = Self.limited(1, pause: "30", clock: clock)
    let answer = try await source.answer("discord.get", ["path": "/users/@me"])
    #expect(answer.value["status"]?.integerValue == 429)
    let error = await #expect(throws: SourceFailure.self) {
      try await source.answer("discord.get", ["path": "/users/@me/guilds"])
    }
    #expect(error?.kind == .refused)
    #expect(clock.source.uptime() == .zero)
    #expect(transport.requests.count == 1)
  }

  /// The audit log, a snapshot and a script want to know the bot; Discord is asked once.
  @Test func asksWhoTheBotIsOnce() async throws {
    let (source, transport) = Self.discord(status: 200)
    _ = try await source.answer("discord.get", ["path": "/users/@me"])
    _ = try await source.answer("discord.audit", ["guild_id": "1"])
    _ = try await source.answer("discord.audit", ["guild_id": "2"])
    _ = try await source.answer("discord.snapshot", ["guild_id": "1"])
    let asked = transport.requests.filter { $0.url.hasSuffix("/users/@me") }
    #expect(asked.count == 1)
  }

  @Test func stopsAtTheFirst401() async throws {
    let (source, transport) = Self.discord(status: 401)
    let first = try await source.answer("discord.get", ["path": "/users/@me"])
    #expect(first.value["status"]?.integerValue == 401)
    let error = await #expect(throws: SourceFailure.self) {
      try await source.answer("discord.get", ["path": "/users/@me/guilds"])
    }
    #expect(error?.kind == .unauthorized)
    #expect(transport.requests.count == 1)
    #expect(transport.requests[0].headers["Authorization"] == "Bot \(Self.token)")
    #expect(!first.value.serializedText().contains(Self.token))
  }

  @Test func keepsToItsBudget() async throws {
    let (source, transport) = Self.discord(status: 200)
    for number in 0..<DiscordReader.budget {
      _ = try await source.answer("discord.get", ["path": .string("/channels/\(number)")])
    }
    let error = await #expect(throws: SourceFailure.self) {
      try await source.answer("discord.get", ["path": "/users/@me"])
    }
    #expect(error?.kind == .refused)
    #expect(transport.requests.count == DiscordReader.budget)
  }

  @Test(arguments: ["users", "/a/../b", "/a?b", "//evil", "/a b", "/a#b", "/a\\b"])
  func refusesPathsThatAreNone(path: String) async {
    let (source, transport) = Self.discord(status: 200)
    await #expect(throws: SourceFailure.self) {
      try await source.answer("discord.get", ["path": .string(path)])
    }
    #expect(transport.requests.isEmpty)
  }

  // MARK: Metrics

  private static let page = """
    # HELP ops x
    # TYPE ops counter
    # TYPE unused counter
    ops{status="success",type="a\\"b"} 10
    ops{status="401"} 5
    ops{status="403"} 1
    lat_bucket{le="0.1"} 0
    lat_bucket{le="1"} 10
    lat_bucket{le="+Inf"} 20
    up 1 1700000000
    bad{ 1
    """

  @Test func readsPrometheusText() {
    let series = MetricText.parse(Array(Self.page.utf8))
    #expect(series.count == 7)
    #expect(series[0].labels == ["status": "success", "type": "a\"b"])
    #expect(series.last == MetricSeries(name: "up", labels: [:], value: 1))
  }

  @Test func twoScrapesGiveRates() async throws {
    let pages = Mutex([Self.page, Self.page.replacing("} 5\n", with: "} 25\n")])
    let transport = ScriptedTransport { _ in
      let page = pages.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      return HTTPResponse(status: 200, body: Array(page.utf8))
    }
    let clock = SleepersClock().source
    let endpoint = ProviderEndpoint(way: .direct(url: "http://p", transport: transport))
    let source = MetricSource(
      reader: ScrapeReader(endpoint: endpoint, time: clock, interval: .seconds(2)))
    let rate = try await source.answer(
      "metrics.rate", ["name": "ops", "labels": ["status": ["not": "success"]]])
    #expect(rate.value.doubleValue == 10)
    #expect(rate.info?["window"]?.integerValue == 2)
    #expect(rate.info?["count"]?.integerValue == 20)
    let groups = try await source.answer("metrics.sum_rate", ["name": "ops", "by": ["status"]])
    #expect(groups.value[0]?.value(at: "labels", "status")?.stringValue == "401")
    let value = try await source.answer(
      "metrics.value", ["name": "ops", "labels": ["status": ["401", "403"]]])
    #expect(value.value.integerValue == 6)
    #expect(transport.requests.count == 2)
    let quiet = try await source.answer(
      "metrics.rate", ["name": "ops", "labels": ["status": "500"]])
    #expect(quiet.value.doubleValue == 0)
    let unused = try await source.answer("metrics.value", ["name": "unused"])
    #expect(unused.value.integerValue == 0)
    let error = await #expect(throws: SourceFailure.self) {
      try await source.answer("metrics.value", ["name": "nothing"])
    }
    #expect(error?.kind == .nodata)
  }

  @Test func quantilesInterpolateAndSayWhenTheyAreBeyond() {
    let buckets = MetricText.parse(Array(Self.page.utf8)).filter { $0.name == "lat_bucket" }
    let low = MetricArithmetic.quantiles(0.25, of: buckets, by: [])
    #expect(low.first?["value"]?.doubleValue == 0.55)
    let high = MetricArithmetic.quantiles(0.95, of: buckets, by: [])
    #expect(high.first?["value"]?.doubleValue == 1)
    #expect(high.first?["beyond"]?.boolValue == true)
  }

  @Test func labelsBecomePromQL() throws {
    let selection = try LabelSelection([
      "status": ["not": ["a", "b.c"]], "kind": "x\"y",
    ])
    #expect(
      selection.promQL(and: ["job": "j"]) == #"{job="j",kind="x\"y",status!~"a|b\\.c"}"#)
    #expect(throws: SourceFailure.self) { try LabelSelection(["a=b": "c"]) }
  }

  // MARK: The door

  @Test func oneQuestionIsAskedOnce() async {
    let source = CountingSource()
    let world = OutsideWorld(sources: ["kube": source], time: .system())
    for _ in 0..<3 { _ = await world.answer(["effect": "kube.get", "name": "a"]) }
    _ = await world.answer(["effect": "kube.get", "name": "b"])
    #expect(source.count == 2)
  }

  @Test func aSourceThatHangsIsATimeout() async {
    let world = OutsideWorld(
      sources: ["kube": HangingSource()], time: SleepersClock().source, deadline: .seconds(5))
    let answer = await world.answer(["effect": "kube.get"])
    #expect(answer.value(at: "error", "kind")?.stringValue == "timeout")
  }

  @Test func noTokenComesThrough() async {
    let source = CountingSource(
      value: [
        "log": .string("token=\(Self.token) used"),
        "env": [["name": "BOT_TOKEN", "value": "short-but-secret"]],
        "hook":
          "https://discord.com/api/webhooks/1234567890/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH",
        "annotations": ["kubectl.kubernetes.io/last-applied-configuration": "{}"], "key": "token",
      ])
    let world = OutsideWorld(sources: ["kube": source], time: .system())
    let answer = await world.answer(["effect": "kube.get"])
    let text = answer.serializedText()
    for secret in [Self.token, "short-but-secret", "abcdefghijklmnopqrstuvwxyz", "last-applied"] {
      #expect(!text.contains(secret))
    }
    #expect(answer.value(at: "value", "log")?.stringValue == "token=[redacted] used")
    #expect(answer.value(at: "value", "key")?.stringValue == "token")
  }

  @Test func hashesAreThoseOfTheStandard() {
    #expect(
      SHA256Digest.hex(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256Digest.hex(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256Digest.hmac(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }
}

private final class CountingSource: EffectSource {
  private let value: JSONValue
  private let asked = Mutex(0)

  init(value: JSONValue = .null) {
    self.value = value
  }

  var count: Int { asked.withLock { $0 } }

  func answer(_ name: String, _ effect: JSONValue) async throws(SourceFailure) -> SourceAnswer {
    asked.withLock { $0 += 1 }
    return SourceAnswer(value)
  }
}

private struct HangingSource: EffectSource {
  func answer(_ name: String, _ effect: JSONValue) async throws(SourceFailure) -> SourceAnswer {
    let (never, _) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    throw SourceFailure(.error, "cancelled")
  }
}
