import HTTPTransport
import JSONValue
import Logging
import Testing

@testable import KubeWatch

@Suite(.timeLimit(.minutes(1)))
struct EventRecorderTests {
  private func about(_ namespace: String) -> ObjectReference {
    ObjectReference(
      type: channels, key: ObjectKey(namespace: namespace, name: "a"), uid: "u",
      resourceVersion: "7")
  }

  private func recorder(_ transport: ScriptedTransport) -> EventRecorder {
    EventRecorder(
      client: KubeClient(access: ClusterAccess(server: "https://k"), transport: transport),
      component: "provider-discord", instance: "pod-1", logger: Logger(label: "test"))
  }

  @Test func anEventTellsWhatHappenedToWhom() async throws {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    let recorder = recorder(transport)
    recorder.record(.warning, about: about("ns"), reason: "Failed", message: "because")
    recorder.record(.warning, about: about("ns"), reason: "Failed", message: "because")
    recorder.record(.normal, about: about(""), reason: "Made", message: "it")
    async let running: Void = recorder.run()
    await recorder.drain(within: .seconds(10))
    await running
    #expect(transport.requests.map(\.method) == ["POST", "PATCH", "POST"])
    #expect(transport.urls[0] == "https://k/api/v1/namespaces/ns/events")
    #expect(transport.urls[2] == "https://k/api/v1/namespaces/default/events")
    let event = try JSONValue(parsing: try #require(transport.requests[0].body))
    #expect(
      event["involvedObject"] == [
        "apiVersion": "channel.discord.crossplane.io/v1alpha1", "kind": "Channel",
        "namespace": "ns", "name": "a", "uid": "u", "resourceVersion": "7",
      ])
    #expect(event["type"] == "Warning")
    #expect(event["reason"] == "Failed")
    #expect(event["message"] == "because")
    #expect(event["count"] == 1)
    #expect(event["reportingComponent"] == "provider-discord")
    #expect(event["reportingInstance"] == "pod-1")
    let change = try JSONValue(parsing: try #require(transport.requests[1].body))
    #expect(change["count"] == 2)
    let name = try #require(event.value(at: "metadata", "name")?.stringValue)
    #expect(transport.urls[1] == "https://k/api/v1/namespaces/ns/events/\(name)")
  }

  @Test func anEventThatExpiredIsMadeAgain() async throws {
    let transport = ScriptedTransport(onSend: { request, _ throws(TransportError) in
      request.method == "PATCH" ? .json("{}", status: 404) : .json("{}")
    })
    let recorder = recorder(transport)
    for _ in 0..<2 { recorder.record(.normal, about: about("ns"), reason: "R", message: "m") }
    async let running: Void = recorder.run()
    await recorder.drain(within: .seconds(10))
    await running
    #expect(transport.requests.map(\.method) == ["POST", "PATCH", "POST"])
  }

  @Test func recordingNeverWaitsAndCountsWhatItDrops() {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    let recorder = recorder(transport)
    for number in 0..<1010 {
      recorder.record(.normal, about: about("ns"), reason: "R", message: "\(number)")
    }
    #expect(recorder.dropped == 10)
    #expect(transport.requests.isEmpty)
  }

  @Test func drainingEndsAtItsDeadline() async {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    let recorder = recorder(transport)
    recorder.record(.normal, about: about("ns"), reason: "R", message: "m")
    // Nobody runs the recorder: only the deadline can end this.
    await recorder.drain(within: .milliseconds(50))
  }

  @Test func aLongMessageIsShortenedToWhatTheServerTakes() async throws {
    let transport = ScriptedTransport(onSend: { _, _ throws(TransportError) in .json("{}") })
    let recorder = recorder(transport)
    recorder.record(
      .normal, about: about("ns"), reason: "R", message: String(repeating: "ü", count: 2000))
    async let running: Void = recorder.run()
    await recorder.drain(within: .seconds(10))
    await running
    let event = try JSONValue(parsing: try #require(transport.requests[0].body))
    let message = try #require(event["message"]?.stringValue)
    #expect(message.utf8.count <= 984)
    #expect(message.hasSuffix("ü…"))
  }
}
