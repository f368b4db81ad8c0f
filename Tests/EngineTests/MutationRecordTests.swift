import Testing

@testable import DiscordAPI
@testable import Engine

/// What the security log keeps of a change.
@Suite struct MutationRecordTests {
  private func record(
    _ method: String, before: String?, requested: String?, after: String?
  ) -> (before: String, requested: String, after: String) {
    let mutation = Mutation(
      actor: "Guild default/example", resourceType: "guild", operation: "update", method: method,
      path: "/guilds/1", reason: "provider-discord: Guild default/example",
      before: before.map { Array($0.utf8) }, requested: requested.map { Array($0.utf8) },
      after: after.map { Array($0.utf8) }, status: 200)
    let metadata = MutationRecord(mutation).metadata
    func text(_ name: String) -> String { metadata[name].map { "\($0)" } ?? "" }
    return (text("before"), text("requested"), text("after"))
  }

  @Test func aPatchShowsWhatItChangedAndNoMore() {
    let roles = (0..<250).map { #"{"id":"\#($0)","name":"a role of many"}"# }
    let rest = #""roles":[\#(roles.joined(separator: ","))],"owner_id":"2""#
    let line = record(
      "PATCH", before: #"{\#(rest),"name":"Old","afk_timeout":60}"#,
      requested: #"{"name":"New","afk_timeout":300}"#,
      after: #"{\#(rest),"afk_timeout":300,"name":"New"}"#)
    #expect(line.before == #"{"name":"Old","afk_timeout":60}"#)
    #expect(line.requested == #"{"name":"New","afk_timeout":300}"#)
    #expect(line.after == #"{"afk_timeout":300,"name":"New"}"#)
  }

  @Test func whatIsMadeOrDeletedIsShownWhole() {
    let object = #"{"id":"5","name":"boss","permissions":"8"}"#
    #expect(
      record("POST", before: nil, requested: #"{"name":"boss"}"#, after: object).after == object)
    #expect(record("DELETE", before: object, requested: nil, after: nil).before == object)
    #expect(record("DELETE", before: object, requested: nil, after: nil).after == "-")
  }

  @Test func anErrorsBodyAndAListOfMovesStayAsTheyAre() {
    let refused = #"{"code":50013,"message":"Missing Permissions"}"#
    #expect(
      record("PATCH", before: nil, requested: #"{"name":"x"}"#, after: refused).after == refused)
    let moves = #"[{"id":"5","position":1}]"#
    #expect(record("PATCH", before: moves, requested: moves, after: nil).before == moves)
  }

  @Test func whatIsCutOffSaysSo() {
    let long = #"{"topic":"\#(String(repeating: "x", count: 5_000))"}"#
    let shown = record("POST", before: nil, requested: long, after: nil).requested
    #expect(shown.hasPrefix(#"{"topic":"xxx"#))
    #expect(shown.hasSuffix("… (\(long.utf8.count) bytes)"))
  }
}
