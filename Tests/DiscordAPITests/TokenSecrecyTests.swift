import DiscordAPI
import HTTPTransport
import Testing

/// Everything that printing, reflecting and dumping shows of a value.
private func shown(_ value: some Any) -> String {
  var text = "\(value) \(String(reflecting: value)) "
  dump(value, to: &text)
  return text
}

@Test func tokenShowsItselfToNothing() throws {
  let token = try DiscordToken(" Bot \(secret)\n")
  #expect(shown(token).contains("[redacted]"))
  #expect(!shown(token).contains(secret))
  #expect(!shown([token]).contains(secret))
  #expect(!shown(["key": Optional(token)]).contains(secret))
}

@Test(arguments: ["", "  \n", "Bot ", "two words", "bad\u{0}byte", "ünicode"])
func tokensThatNoHeaderCanHoldAreRefusedWithoutBeingShown(text: String) {
  do {
    _ = try DiscordToken(text)
    Issue.record("accepted")
  } catch {
    #expect(text.count < 3 || text == "Bot " || !shown(error).contains(text))
  }
}

@Test func noErrorEventOrStateEverHoldsTheToken() async throws {
  let heard = Recorder<String>()
  var observer = DiscordObserver()
  observer.requestFinished = { heard.add(shown($0)) }
  observer.mutation = { heard.add(shown($0)) }
  observer.rateLimited = { heard.add(shown(($0, $1, $2))) }
  observer.requeued = { heard.add(shown(($0, $1, $2))) }
  let echo = "you sent Bot \(secret)!"
  let answers: [Result<HTTPResponse, TransportError>] = [
    .success(.json("{}")),
    .success(.json("<p>\(echo)</p>", status: 403)),
    .success(
      .json(
        #"{"code":50035,"message":"\#(echo)","errors":{"name":{"_errors":["#
          + #"{"code":"X","message":"\#(echo)"}]}}}"#, status: 400)),
    .success(.json(echo, status: 500)),
    .success(.json(echo, status: 200)),
    .failure(TransportError(kind: .timedOut, message: echo, requestMayHaveBeenSent: true)),
    .failure(TransportError(kind: .invalidRequest, message: echo, requestMayHaveBeenSent: false)),
    .success(.json(#"{"retry_after":100,"message":"\#(echo)"}"#, status: 429)),
    .success(.json(#"{"code":0,"message":"\#(echo)"}"#, status: 401)),
  ]
  for answer in answers {
    let transport = ScriptedTransport {
      (_, _) async throws(TransportError) -> HTTPResponse in try answer.get()
    }
    let client = try makeClient(transport, observer: observer)
    let error = await failure(client, write("POST", "/guilds/1/channels"))
    heard.add(shown(error as Any))
    heard.add(shown(client))
    heard.add(shown(client.snapshot()))
    heard.add(shown(GuildReads(client: client)))
    #expect(transport.requests.first?.headers["Authorization"] == "Bot \(secret)")
  }
  #expect(heard.all.count >= answers.count * 5)
  #expect(heard.all.allSatisfy { !$0.contains(secret) })
}
