import JSONValue
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite struct ProbeDoorTests {
  private static func door(now: @escaping @Sendable () -> Duration = { .zero }) -> ProbeDoor {
    ProbeDoor(
      connections: Connections(
        watch: { _, _ in Task {} }, connect: { _, _, _ in throw CancellationError() },
        wake: { _ in }, logger: Logger(label: "test")), now: now)
  }

  /// Whoever reaches the admin port must not get a proxy into the network.
  @Test(arguments: [
    #"{"kind":"tcp","host":"10.0.0.1","port":22}"#,
    #"{"kind":"tcp","host":"discord.com","port":22}"#,
    #"{"kind":"dns","host":"secret.evil.example"}"#,
    #"{"kind":"http","url":"http://169.254.169.254/latest/meta-data"}"#,
    #"{"kind":"http","url":"https://discord.com:8443/"}"#,
    #"{"kind":"http","url":"https://discord.com.evil.example/"}"#,
    #"{"kind":"tls","host":"localhost","port":443}"#,
  ])
  func touchesNothingButDiscord(request: String) async {
    let (status, _) = await Self.door().answer(Array(request.utf8))
    #expect(status == 403)
  }

  @Test(arguments: [
    "", "[]", #"{"kind":"tcp","host":"discord.com"}"#, #"{"kind":"ping","host":"discord.com"}"#,
    #"{"kind":"http","url":"https://discord.com@evil.example/"}"#, #"{"kind":"breaker"}"#,
  ])
  func refusesWhatIsNoProbe(request: String) async {
    let (status, body) = await Self.door().answer(Array(request.utf8))
    #expect(status == 400)
    #expect(body["error"]?.stringValue?.isEmpty == false)
  }

  @Test func breakersAreNotProbedOverAndOver() async {
    let box = ClockBox()
    let door = Self.door(now: { box.now })
    let request = Array(#"{"kind":"breaker","resource_type":"guild"}"#.utf8)
    #expect(await door.answer(request).status == 409)
    #expect(await door.answer(request).status == 429)
    box.advance(by: .seconds(10))
    #expect(await door.answer(request).status == 409)
  }

  @Test func readsPortsOfURLs() {
    #expect(NetworkProbe.port(of: "https://discord.com/api/v10") == 443)
    #expect(NetworkProbe.port(of: "http://127.0.0.1:9000/api") == 9000)
    #expect(NetworkProbe.port(of: "http://[::1]:80") == 80)
    #expect(NetworkProbe.port(of: "https://[::1]/x") == 443)
    #expect(NetworkProbe.host(of: "https://[::1]:9/x") == "::1")
  }
}

private final class ClockBox: Sendable {
  private let time = Mutex(Duration.zero)
  var now: Duration { time.withLock { $0 } }
  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
