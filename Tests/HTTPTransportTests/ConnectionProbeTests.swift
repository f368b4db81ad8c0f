import HTTPTransport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionProbeTests {
  private static func look(
    _ body: String, bodyBytes: Int
  ) async -> ConnectionProbe.Sight {
    let server = LoopbackServer { connection in
      while connection.readRequest() != nil { connection.answer(200, [], body) }
    }
    defer { server.stop() }
    return await ConnectionProbe.look(
      at: "\(server.url)/", .get, timeout: .seconds(20), bodyBytes: bodyBytes)
  }

  @Test func aBodyIsKeptWhereThereIsRoomForAllOfIt() async {
    let text = String(repeating: "abc", count: 20_000)
    let whole = await Self.look(text, bodyBytes: 60_000)
    #expect(whole.status == 200)
    #expect(whole.body == Array(text.utf8))
    // A part would be read as something else.
    let tooLong = await Self.look(text, bodyBytes: 59_999)
    #expect(tooLong.status == 200)
    #expect(tooLong.failure == nil)
    #expect(tooLong.body == nil)
  }

  @Test func nothingIsKeptUnlessAskedFor() async {
    #expect(await Self.look("secret", bodyBytes: 0).body == nil)
    #expect(await Self.look("", bodyBytes: 0).body == [])
  }
}
