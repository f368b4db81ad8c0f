import Engine
import JSONValue
import Testing

@Suite struct StatusDraftTests {
  let now = Timestamp(millisecondsSince1970: 1_795_445_100_000)
  let later = Timestamp(millisecondsSince1970: 1_795_445_200_000)

  private func status(_ draft: StatusDraft, over old: JSONValue, at time: Timestamp) -> JSONValue {
    let patch = draft.patch(over: old, generation: 1, now: time)
    return old.applying(mergePatch: patch?["status"] ?? [:])
  }

  @Test func nothingIsWrittenWhenNothingChanges() {
    let draft = StatusDraft(.available, .success, atProvider: ["id": "1"])
    let first = status(draft, over: [:], at: now)
    #expect(draft.patch(over: first, generation: 1, now: later) == nil)
  }

  @Test func theTransitionTimeMovesOnlyWithTheStatus() {
    let first = status(StatusDraft(.success), over: [:], at: now)
    let failed = status(StatusDraft(.failure("a")), over: first, at: later)
    #expect(failed["conditions"]?[0]?["lastTransitionTime"]?.stringValue == later.seconds)
    let stillFailed = status(StatusDraft(.failure("b")), over: failed, at: now)
    #expect(stillFailed["conditions"]?[0]?["lastTransitionTime"]?.stringValue == later.seconds)
    #expect(stillFailed["conditions"]?[0]?["message"]?.stringValue == "b")
  }

  @Test func whatDiscordNoLongerHasLeavesAtProvider() {
    let first = status(
      StatusDraft(.available, atProvider: ["id": "1", "topic": "x"]), over: [:], at: now)
    let second = status(StatusDraft(.available, atProvider: ["id": "1"]), over: first, at: now)
    #expect(second["atProvider"] == ["id": "1"])
  }

  @Test func otherConditionsStay() {
    let old: JSONValue = ["conditions": [["type": "Custom", "status": "True"]]]
    let new = status(StatusDraft(.available), over: old, at: now)
    #expect(new["conditions"]?.arrayValue?.count == 2)
  }

  @Test func aNewGenerationIsObserved() {
    let first = status(StatusDraft(.success), over: [:], at: now)
    let patch = StatusDraft(.success).patch(over: first, generation: 2, now: later)
    #expect(patch?.value(at: "status", "conditions")?[0]?["observedGeneration"] == 2)
    #expect(
      patch?.value(at: "status", "conditions")?[0]?["lastTransitionTime"]?.stringValue
        == now.seconds)
  }

  @Test func aLongMessageIsCut() {
    let new = status(
      StatusDraft(.failure(String(repeating: "x", count: 5_000))), over: [:], at: now)
    #expect(new["conditions"]?[0]?["message"]?.stringValue?.count == 1_024)
  }
}
