import HTTPTransport
import JSONValue
import KubeWatch
import Runbooks
import Synchronization
import Testing

/// Plans carried out against a real HTTP API server, looked at, and taken back.
@Suite(.timeLimit(.minutes(2))) struct FixDriverTests {
  @Test func aLimitIsRaisedVerifiedAndTakenBack() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let good = Fix.Check(id: "PDN-001", passes: true, text: "pass: up")
      let (fix, outcome) = await harness.run(
        consent: .toBeAsked,
        check: { number in
          number < 2 ? [Fix.Check(id: "PDN-001", passes: false, text: "fail: 0 available")] : [good]
        },
        build: { _ in Plans.plan([Plans.memory("512Mi")], verify: ["PDN-001"]) })
      #expect(outcome == .verified)
      #expect(try await cluster.memoryLimit() == "512Mi")
      let shown = try #require(harness.asked.first)
      #expect(shown.contains("spec.template.spec.containers[provider].resources.limits.memory"))
      #expect(shown.contains("- 256Mi"))
      #expect(shown.contains("+ 512Mi"))
      #expect(
        shown.contains(
          "PATCH /apis/apps/v1/namespaces/crossplane-system/deployments/provider-discord"
            + "?fieldManager=provider-discord-runbook\n"
            + "Content-Type: application/strategic-merge-patch+json"))
      #expect(harness.lines.contains { $0.contains("waiting for PDN-001 fail: 0 available") })
      #expect(harness.clock.uptime == .seconds(6))

      let record = try UndoRecord(
        parsing: try #require(harness.undo).json.serializedText(pretty: true))
      #expect(record.json == fix.undo.json)
      let (_, undone) = await harness.run(purpose: .undo, build: { _ in record.asPlan })
      #expect(undone == .done)
      #expect(try await cluster.memoryLimit() == "256Mi")
    }
  }

  /// Should the process die with the answer, there is a way back.
  @Test func howToTakeItBackIsKeptBeforeAnythingIsSent() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let kept = Mutex<[Int]>([])
      let (_, outcome) = await harness.run(
        build: { _ in Plans.plan([Plans.memory("512Mi")]) },
        beforeEach: { _ in kept.withLock { $0.append(harness.undo?.operations.count ?? 0) } })
      #expect(outcome == .done)
      #expect(kept.withLock { $0 } == [1])
    }
  }

  @Test func aDryRunChangesNothing() async throws {
    try await Cluster.run { cluster in
      let before = try await cluster.get(Cluster.deployments, Cluster.key)
      let (fix, outcome) = await FixHarness(cluster).run(
        consent: .dryRun, build: { _ in Plans.plan([Plans.memory("512Mi"), Plans.restart]) })
      #expect(outcome == .rehearsed)
      #expect(try await cluster.get(Cluster.deployments, Cluster.key) == before)
      let report = FixReport(fix, outcome: outcome)
      #expect(report.json["ops"]?[0]?["dryRun"] == "ok")
      #expect(report.json["ops"]?[0]?["done"] == false)
      #expect(report.json["ops"]?[1]?["changes"]?.arrayValue?.count == 1)
      #expect(report.undoCommand == nil)
    }
  }

  @Test func aChangeInBetweenIsNotOverwritten() async throws {
    try await Cluster.run { cluster in
      let (fix, outcome) = await FixHarness(cluster).run(build: { number in
        // After the person agreed and before the plan acts, somebody sets the limit by hand.
        if number == 1 { try await Self.setByHand(cluster, "300Mi") }
        return Plans.plan([
          RemediationOperation(
            .patch, Cluster.deployments, Cluster.key, patchType: .strategic,
            body: Plans.memory("512Mi").body,
            resourceVersion: number == 0
              ? try await cluster.version() : try await cluster.versionBefore())
        ])
      })
      guard case .failed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("was changed since"))
      #expect(fix.doneCount == 0)
      let limit = try await cluster.memoryLimit()
      #expect(limit == "300Mi")
    }
  }

  private static func setByHand(_ cluster: Cluster, _ memory: String) async throws {
    _ = try await cluster.client.raw(
      method: "PATCH", path: Cluster.deployments.path(Cluster.key),
      body: Plans.memory(memory).body.serialized(),
      contentType: "application/strategic-merge-patch+json")
  }

  @Test func anUndoThatWouldOverwriteSomebodyIsRefused() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let (fix, _) = await harness.run(build: { _ in Plans.plan([Plans.memory("512Mi")]) })
      try await Self.setByHand(cluster, "1Gi")
      let (_, outcome) = await harness.run(purpose: .undo, build: { _ in fix.undo.asPlan })
      guard case .failed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("dry run fails"))
      #expect(try await cluster.memoryLimit() == "1Gi")
    }
  }

  @Test func theTokenGoesIntoTheSecretAndNowhereElse() async throws {
    try await Cluster.run { cluster in
      let token = "brand-new-token-value"
      let harness = FixHarness(cluster)
      let (fix, outcome) = await harness.run(
        consent: .toBeAsked, secrets: ["token": try SecretInput(token)],
        build: { _ in Plans.plan([Plans.token], inputs: ["token"]) })
      #expect(outcome == .done)
      let secret = try await cluster.get(.secrets, Cluster.credentials)
      #expect(secret.value(at: "data", "token") == "YnJhbmQtbmV3LXRva2VuLXZhbHVl")
      let report = FixReport(fix, outcome: outcome, undoFile: "undo.json")
      #expect(
        report.undoCommand == "provider-discord runbook fix --undo undo.json --token-stdin")
      let events = try await cluster.client.raw(
        method: "GET", path: ResourceType.events.path(namespace: "crossplane-system")
      ).body
      let seen =
        harness.lines + harness.asked + [
          report.planText, report.outcomeText, report.json.serializedText(),
          fix.undo.json.serializedText(), String(decoding: events, as: UTF8.self),
        ]
      for text in seen {
        for secret in [token, "YnJhbmQtbmV3LXRva2VuLXZhbHVl", "old-token", "b2xkLXRva2Vu"] {
          #expect(!text.contains(secret))
        }
      }
      #expect(report.planText.contains("[the input token]"))

      let (_, undone) = await harness.run(
        purpose: .undo, secrets: ["token": try SecretInput("old-token")],
        build: { _ in fix.undo.asPlan })
      #expect(undone == .done)
      let restored = try await cluster.get(.secrets, Cluster.credentials)
      #expect(restored.value(at: "data", "token") == "b2xkLXRva2Vu")
    }
  }

  @Test func withoutTheInputNothingIsSent() async throws {
    try await Cluster.run { cluster in
      let (fix, outcome) = await FixHarness(cluster).run(
        build: { _ in Plans.plan([Plans.token], inputs: ["token"]) })
      guard case .failed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("--token-stdin"))
      #expect(fix.doneCount == 0)
      let secret = try await cluster.get(.secrets, Cluster.credentials)
      #expect(secret.value(at: "data", "token") == "b2xkLXRva2Vu")
    }
  }

  @Test func itStopsAtTheFirstFailureAndSaysWhatWasDone() async throws {
    try await Cluster.run { cluster in
      let missing = RemediationOperation(
        .annotate, Cluster.deployments,
        ObjectKey(namespace: "crossplane-system", name: "nobody"), body: ["a": "b"])
      let (none, refused) = await FixHarness(cluster).run(
        build: { _ in Plans.plan([Plans.memory("512Mi"), missing]) })
      guard case .failed(let early) = refused else {
        Issue.record("\(refused)")
        return
      }
      #expect(early.contains("nobody"))
      #expect(none.doneCount == 0)

      // One that the dry run lets through and that is gone when its turn comes.
      let harness = FixHarness(cluster)
      let doomed = ObjectKey(namespace: "crossplane-system", name: "doomed")
      try await cluster.make(.configMaps, Self.configMap)
      let (fix, outcome) = await harness.run(
        check: { _ in [] },
        build: { _ in
          Plans.plan([
            Plans.memory("512Mi"),
            RemediationOperation(.annotate, .configMaps, doomed, body: ["a": "b"]),
          ])
        },
        beforeEach: { path in
          if path.contains("doomed") { try? await cluster.client.delete(.configMaps, doomed) }
        })
      guard case .failed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("1 of 2 operations were done"))
      #expect(fix.doneCount == 1)
      let (_, undone) = await harness.run(purpose: .undo, build: { _ in fix.undo.asPlan })
      #expect(undone == .done)
      #expect(try await cluster.memoryLimit() == "256Mi")
    }
  }

  /// The second was prepared on the object as it was before the first.
  @Test func twoOperationsOnOneObjectAreDoneAndTakenBack() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let before = LiveObject(try await cluster.get(Cluster.deployments, Cluster.key))?.desired
      let (fix, outcome) = await harness.run(build: { _ in
        Plans.plan([Plans.memory("512Mi"), Plans.restart, Plans.memory("1Gi")])
      })
      #expect(outcome == .done)
      #expect(fix.doneCount == 3)
      #expect(try await cluster.memoryLimit() == "1Gi")
      #expect(!harness.lines.contains { $0.contains("changed meanwhile") })
      // What was kept before the last was sent is what is so after it.
      #expect(harness.undo == fix.undo)
      #expect(fix.undo.operations.map(\.note) == ["this rolls the pods over once more"])
      let (_, undone) = await harness.run(purpose: .undo, build: { _ in fix.undo.asPlan })
      #expect(undone == .done)
      let restored = LiveObject(try await cluster.get(Cluster.deployments, Cluster.key))?.desired
      #expect(restored == before)
    }
  }

  /// What the first made of the limit is what the second must not lower.
  @Test func aSecondOperationIsRehearsedOnWhatTheFirstMade() async throws {
    try await Cluster.run { cluster in
      let (fix, outcome) = await FixHarness(cluster).run(build: { _ in
        Plans.plan([Plans.memory("1Gi"), Plans.memory("512Mi")])
      })
      guard case .vetoed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("would shrink from 1Gi to 512Mi"))
      #expect(fix.doneCount == 1)
      let limit = try await cluster.memoryLimit()
      #expect(limit == "1Gi")
    }
  }

  @Test func twoChangesOfOneSecretAreTakenBack() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let other = RemediationOperation(
        .patch, .secrets, Cluster.credentials,
        body: ["stringData": ["spare": SecretPlaceholder.value("token")]])
      let (fix, outcome) = await harness.run(
        secrets: ["token": try SecretInput("brand-new-token-value")],
        build: { _ in Plans.plan([Plans.token, other], inputs: ["token"]) })
      #expect(outcome == .done)
      let (_, undone) = await harness.run(
        purpose: .undo, secrets: ["token": try SecretInput("old-token")],
        build: { _ in fix.undo.asPlan })
      #expect(undone == .done)
      let restored = try await cluster.get(.secrets, Cluster.credentials)
      #expect(restored["data"] == ["token": "b2xkLXRva2Vu", "spare": "b2xkLXRva2Vu"])
    }
  }

  /// A server, or what stands before it, may put what it was sent into its error.
  @Test(arguments: [false, true])
  func aTokenThatTheServerEchoesIsNotShown(asBase64: Bool) async throws {
    try await Cluster.run { cluster in
      let token = "brand-new-token-value"
      let encoded = "YnJhbmQtbmV3LXRva2VuLXZhbHVl"
      let harness = FixHarness(cluster)
      let (fix, outcome) = await harness.run(
        secrets: ["token": try SecretInput(token)],
        build: { _ in Plans.plan([Plans.token], inputs: ["token"]) },
        answer: { request in
          let body = String(decoding: request.body ?? [], as: UTF8.self)
          guard body.contains(token) else { return nil }
          let error: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403,
            "reason": "Forbidden", "message": .string("denied: \(asBase64 ? encoded : body)"),
          ]
          return HTTPResponse(
            status: 403, headers: HTTPHeaders([("Content-Type", "application/json")]),
            body: error.serialized())
        })
      guard case .failed(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      // The server's words reached the person, without the token.
      #expect(why.contains("denied"))
      #expect(why.contains("[redacted]"))
      let report = FixReport(fix, outcome: outcome, undoFile: "undo.json")
      let seen =
        harness.lines + [
          why, report.planText, report.outcomeText, report.json.serializedText(),
          fix.undo.json.serializedText(), harness.undo?.json.serializedText() ?? "",
        ]
      for text in seen {
        #expect(!text.contains(token) && !text.contains(encoded))
      }
    }
  }

  private static let configMap: JSONValue = [
    "apiVersion": "v1", "kind": "ConfigMap",
    "metadata": ["name": "doomed", "namespace": "crossplane-system"],
  ]

  @Test func aRestartIsTheAnnotationOfKubectlAndLeavesAnEvent() async throws {
    try await Cluster.run { cluster in
      let (_, outcome) = await FixHarness(cluster).run(build: { _ in Plans.plan([Plans.restart]) })
      #expect(outcome == .done)
      let deployment = try await cluster.get(Cluster.deployments, Cluster.key)
      let annotations = deployment["spec"]?.value(at: "template", "metadata", "annotations")
      #expect(annotations?["kubectl.kubernetes.io/restartedAt"] == "2026-01-01T00:00:00Z")
      let page = try await cluster.client.list(.events, namespace: "crossplane-system")
      let event = try #require(page.items.first { $0["reason"]?.string == "RunbookFix" })
      #expect(event["involvedObject"]?["name"]?.string == "provider-discord")
      #expect(
        event["message"]?.string?.contains("a test carried out provider-down/the-plan") == true)
    }
  }

  @Test func onlyThePodThatWasMeantIsDeleted() async throws {
    try await Cluster.run { cluster in
      let key = ObjectKey(namespace: "crossplane-system", name: "p")
      try await cluster.make(
        Cluster.pods,
        [
          "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
          "spec": ["containers": [["name": "provider", "image": "x"]]],
        ])
      let uid = try #require(
        try await cluster.get(Cluster.pods, key).value(at: "metadata", "uid")?.stringValue)
      let (_, refused) = await FixHarness(cluster).run(build: { _ in
        Plans.plan([RemediationOperation(.delete, Cluster.pods, key, uid: "another")])
      })
      guard case .failed(let why) = refused else {
        Issue.record("\(refused)")
        return
      }
      #expect(why.contains("another object than the plan meant"))
      let deletion = RemediationOperation(.delete, Cluster.pods, key, uid: uid)
      let harness = FixHarness(cluster)
      let (_, rehearsed) = await harness.run(
        consent: .dryRun, build: { _ in Plans.plan([deletion]) })
      #expect(rehearsed == .rehearsed)
      // A real server reads the options of the body alone.
      #expect(harness.deletions.map { $0["dryRun"] } == [["All"]])
      _ = try await cluster.get(Cluster.pods, key)
      let (fix, outcome) = await FixHarness(cluster).run(build: { _ in Plans.plan([deletion]) })
      #expect(outcome == .done)
      #expect(fix.undo.remarks.first?.contains("makes a new one") == true)
      await #expect(throws: KubeError.self) { try await cluster.get(Cluster.pods, key) }
    }
  }

  @Test func whatWasAppliedAnewIsDeletedByTheUndo() async throws {
    try await Cluster.run { cluster in
      let policies = ResourceType(
        group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", plural: "networkpolicies")
      let key = ObjectKey(namespace: "crossplane-system", name: "allow-discord")
      let body: JSONValue = [
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": ["name": "allow-discord", "namespace": "crossplane-system"],
        "spec": [
          "podSelector": [:], "policyTypes": ["Egress"], "egress": [["ports": [["port": 443]]]],
        ],
      ]
      let harness = FixHarness(cluster)
      let (fix, outcome) = await harness.run(build: { _ in
        Plans.plan([RemediationOperation(.apply, policies, key, body: body)])
      })
      #expect(outcome == .done)
      let made = try await cluster.get(policies, key)
      #expect(made["spec"]?["policyTypes"] == ["Egress"])
      let (_, undone) = await harness.run(purpose: .undo, build: { _ in fix.undo.asPlan })
      #expect(undone == .done)
      await #expect(throws: KubeError.self) { try await cluster.get(policies, key) }
    }
  }

  @Test func aProbeGoesToTheProvider() async throws {
    try await Cluster.run { cluster in
      let harness = FixHarness(cluster)
      let probe: JSONValue = ["kind": "breaker", "resource_type": "guild"]
      let (_, outcome) = await harness.run(build: { _ in
        Plans.plan([
          try RemediationOperation(parsing: ["verb": "probe", "probe": probe], at: "")
        ])
      })
      #expect(outcome == .done)
      #expect(harness.probes == [probe])
    }
  }
}

extension Cluster {
  fileprivate func version() async throws -> String? {
    try await get(Self.deployments, Self.key).value(at: "metadata", "resourceVersion")?.stringValue
  }

  /// A version that the Deployment no longer has.
  fileprivate func versionBefore() async throws -> String? {
    try await version().flatMap { Int($0) }.map { "\($0 - 1)" }
  }
}
