import Engine
import JSONValue
import KubeWatch
import Testing

/// Whether new rules are made live is decided by what they would do.
@Suite struct DeploymentPolicyTests {
  private func entry(
    _ number: Int, _ change: RulePlan.Change, _ requests: [RulePlan.Request] = [],
    isSynced: Bool = true
  ) -> RulePlan.Entry {
    RulePlan.Entry(
      key: ResourceKey(kind: "Channel", object: ObjectKey(namespace: "a", name: "c\(number)")),
      change: change, requests: requests, isSynced: isSynced)
  }

  private func plan(changed: Int, of total: Int) -> RulePlan {
    RulePlan(entries: (0..<total).map { entry($0, $0 < changed ? .update([]) : .nothing) })
  }

  private func reasons(_ verdict: DeploymentPolicy.Verdict) -> [String] {
    switch verdict {
    case .deploy: []
    case .hold(let reasons), .refuse(let reasons): reasons
    }
  }

  @Test(arguments: [
    (0, 0, true), (10, 10, true), (11, 11, false), (10, 1_000, true), (250, 1_000, true),
    (251, 1_000, false), (11, 44, true), (12, 44, false),
  ]) func aQuarterOrTenMayChange(_ changed: Int, _ total: Int, _ mayGo: Bool) {
    let verdict = DeploymentPolicy().judge(plan(changed: changed, of: total))
    #expect((verdict == .deploy) == mayGo, "\(verdict)")
  }

  @Test func aNumberIsExact() throws {
    let policy = try #require(DeploymentPolicy("2"))
    #expect(policy.judge(plan(changed: 2, of: 5)) == .deploy)
    #expect(
      reasons(policy.judge(plan(changed: 3, of: 5))) == [
        "would change 3 of 5 objects; 2 may change at once"
      ])
  }

  @Test(arguments: ["-1", "101%", "%", "many", "1.5", ""]) func whatIsNoLimitIsRefused(
    _ text: String
  ) { #expect(DeploymentPolicy(text) == nil) }

  @Test func anyDeletionWaits() {
    let request = RulePlan.Request(method: "DELETE", path: "/channels/1", body: .null)
    let verdict = DeploymentPolicy(limit: .share(1)).judge(
      RulePlan(entries: [entry(1, .update([]), [request]), entry(2, .nothing)]))
    #expect(verdict == .hold(["would delete Channel a/c1"]))
  }

  @Test func creatingAgainWhatHasAnIDWaits() {
    let verdict = DeploymentPolicy(limit: .share(1)).judge(
      RulePlan(entries: (1...5).map { entry($0, .createAgain) }))
    #expect(
      verdict
        == .hold([
          "would create again what has an ID already: Channel a/c1, Channel a/c2, Channel a/c3, "
            + "and 2 more"
        ]))
  }

  @Test func creatingWhatIsNewDoesNotWait() {
    let verdict = DeploymentPolicy(limit: .count(0)).judge(
      RulePlan(entries: (1...50).map { entry($0, .create, isSynced: false) }))
    #expect(verdict == .deploy)
  }

  @Test func aFaultIsRefusedWhereAllWasWell() {
    let broken = RulePlan(entries: [
      entry(1, .fault("resources/channel.lua:3: no")), entry(2, .nothing),
    ])
    #expect(
      DeploymentPolicy().judge(broken)
        == .refuse(["Channel a/c1: resources/channel.lua:3: no"]))
    let asBefore = RulePlan(entries: [entry(1, .fault("no"), isSynced: false)])
    #expect(DeploymentPolicy().judge(asBefore) == .deploy)
  }

  @Test func whatCouldNotBeLookedAtWaits() {
    let verdict = DeploymentPolicy().judge(RulePlan(entries: [entry(1, .unknown("an outage"))]))
    #expect(verdict == .hold(["could not look at Channel a/c1: an outage"]))
  }

  @Test func aKindWithoutARuleWaits() {
    let verdict = DeploymentPolicy().judge(RulePlan(entries: [], unserved: ["Role": 3]))
    #expect(reasons(verdict).first?.contains("kind Role, of which there are 3") == true)
  }

  @Test func refusingWhatWasAcceptedCountsAsAChange() {
    let policy = DeploymentPolicy(limit: .count(0))
    #expect(policy.judge(RulePlan(entries: [entry(1, .refused("links"))])) != .deploy)
    #expect(
      policy.judge(RulePlan(entries: [entry(1, .refused("links"), isSynced: false)])) == .deploy)
  }

  @Test func thePlanSaysWhatItHas() {
    let request = RulePlan.Request(method: "PATCH", path: "/channels/1", body: ["topic": "x"])
    let plan = RulePlan(entries: [
      entry(2, .nothing), entry(1, .update([]), [request]), entry(3, .skipped("paused")),
    ])
    #expect(!plan.isEmpty)
    #expect(
      plan.text == """
        Channel a/c1  would be updated
          PATCH /channels/1 {"topic":"x"}
        Channel a/c3  is not looked at: paused
        3 objects: 1 to update, 1 not looked at, 1 unchanged

        """)
    #expect(plan.json["counts"]?["update"] == 1)
    #expect(RulePlan(entries: [entry(2, .nothing)]).isEmpty)
  }
}
