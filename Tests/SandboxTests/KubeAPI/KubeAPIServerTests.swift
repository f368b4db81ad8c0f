import AsyncHTTPClient
import JSONValue
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import Sandbox

/// Runs a server on a free port for as long as `body` needs it.
func withKubeAPIServer(
  token: String? = nil, crds: [String] = [ClusterFixture.crd],
  _ body: @Sendable (KubeAPIServer, Int) async throws -> Void
) async throws {
  let (ports, found) = AsyncStream<Int>.makeStream()
  let server = try KubeAPIServer(
    configuration: .init(customResourceDefinitions: crds, token: token),
    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    onListening: { found.yield($0) })
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    for await port in ports {
      try await body(server, port)
      break
    }
    group.cancelAll()
  }
}

@Suite struct KubeAPIServerTests {
  private static func send(
    _ port: Int, _ method: String, _ path: String, _ body: JSONValue? = nil,
    headers: [(String, String)] = []
  ) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
    request.method = .init(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body.serialized()))
    }
    return try await HTTPClient.shared.execute(request, timeout: .seconds(30))
  }

  private static func value(_ response: HTTPClientResponse) async throws -> JSONValue {
    let buffer = try await response.body.collect(upTo: 1 << 24)
    return try JSONValue(parsing: Array(buffer.readableBytesView))
  }

  @Test func servesObjectsAndWarnings() async throws {
    try await withKubeAPIServer { _, port in
      let widget = ClusterFixture.widget("w", ["name": "abc", "odd": 1])
      let made = try await Self.send(port, "POST", ClusterFixture.widgets, widget)
      #expect(made.status.code == 201)
      #expect(made.headers.first(name: "Warning") == #"299 - "unknown field \"spec.odd\"""#)
      let list = try await Self.value(
        Self.send(port, "GET", "/apis/example.org/v1/widgets?labelSelector=a+notin+%28b%29"))
      #expect(list["items"]?.arrayValue?.count == 1)
      let ready = try await Self.send(port, "GET", "/readyz")
      #expect(ready.status.code == 200)
    }
  }

  @Test func aTokenIsDemanded() async throws {
    try await withKubeAPIServer(token: "secret") { server, port in
      let refused = try await Self.send(port, "GET", "/version")
      #expect(refused.status.code == 401)
      let served = try await Self.send(
        port, "GET", "/version", headers: [("Authorization", "Bearer secret")])
      #expect(served.status.code == 200)
      #expect(server.kubeconfig(port: port).contains("token: \"secret\""))
    }
  }

  @Test func watchesAreFlushedAtOnceAndEndWithTheServer() async throws {
    try await withKubeAPIServer { server, port in
      let response = try await Self.send(
        port, "GET", "\(ClusterFixture.widgets)?watch=true&resourceVersion=0")
      #expect(response.status.code == 200)
      var chunks = response.body.makeAsyncIterator()
      _ = try await Self.send(port, "POST", ClusterFixture.widgets, ClusterFixture.widget("w"))
      let chunk = try await chunks.next()
      let event = try JSONValue(parsing: Array(chunk.map { Array($0.readableBytesView) } ?? []))
      #expect(event["type"] == "ADDED")
      server.inject(KubeFault(dropsWatches: true, seconds: 0))
      #expect(try await chunks.next() == nil)
    }
  }

  @Test func aClientThatGoesAwayEndsItsWatch() async throws {
    try await withKubeAPIServer { server, port in
      let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup)
      let request = HTTPClientRequest(
        url: "http://127.0.0.1:\(port)\(ClusterFixture.widgets)?watch=true")
      let response = try await client.execute(request, timeout: .seconds(30))
      #expect(response.status.code == 200)
      #expect(server.watchCount == 1)
      try await client.shutdown()
      // Bounded: a watch that stays open fails the test.
      for _ in 0..<500 where server.watchCount > 0 {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(server.watchCount == 0)
    }
  }

  @Test func gracefulShutdownEndsWatches() async throws {
    let (ports, found) = AsyncStream<Int>.makeStream()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let server = try KubeAPIServer(
      configuration: .init(), logger: logger, onListening: { found.yield($0) })
    let group = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      for await port in ports {
        let response = try await Self.send(port, "GET", "/api/v1/namespaces?watch=true")
        var chunks = response.body.makeAsyncIterator()
        _ = try await chunks.next()
        await group.triggerGracefulShutdown()
        while try await chunks.next() != nil {}
        break
      }
      try await tasks.waitForAll()
    }
  }

  @Test func faultsAreSetOverHTTP() async throws {
    try await withKubeAPIServer { _, port in
      let set = try await Self.send(
        port, "POST", "/sandbox/faults",
        ["status": 429, "seconds": 600, "pathPrefix": "/api/v1", "count": 1])
      #expect(set.status.code == 201)
      let hit = try await Self.send(port, "GET", "/api/v1/namespaces")
      #expect(hit.status.code == 429)
      #expect(hit.headers.first(name: "Retry-After") == "1")
      let next = try await Self.send(port, "GET", "/api/v1/namespaces")
      #expect(next.status.code == 200)
    }
  }

  @Test func aLostAnswerIsAWriteThatHappened() async throws {
    try await withKubeAPIServer { server, port in
      server.inject(
        KubeFault(
          status: 500, isAfterwards: true, seconds: 600, count: 1, methods: ["POST"]))
      let lost = try await Self.send(
        port, "POST", ClusterFixture.widgets, ClusterFixture.widget("w"))
      #expect(lost.status.code == 500)
      let found = try await Self.send(port, "GET", "\(ClusterFixture.widgets)/w")
      #expect(found.status.code == 200)
    }
  }

  @Test func onlyLoopbackIsServed() {
    #expect(throws: KubeAPIServer.ConfigurationError.self) {
      try KubeAPIServer(
        configuration: .init(address: "0.0.0.0"), logger: Logger(label: "test"))
    }
  }
}
