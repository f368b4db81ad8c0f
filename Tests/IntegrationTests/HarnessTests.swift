import JSONValue
import Testing

extension Integration {
  /// The harness's own promises, on which every other result rests.
  @Suite struct HarnessTests {
    @Test(.timeLimit(.minutes(3)))
    func aRealAPIServerAnswersAndItsAuditLogTellsWhoWrote() async throws {
      let plane = try await ControlPlane.shared()
      let admin = Kubectl(kubeconfig: plane.adminKubeconfig)
      let provider = Kubectl(kubeconfig: plane.providerKubeconfig, namespace: "audited")
      try await admin.run(["create", "namespace", "audited"])
      let before = plane.audit.position
      try await provider.run(["create", "configmap", "mine", "--from-literal=a=b"])
      _ = try await provider.list("configmaps")

      let writes = try await eventually("the audit log has the write") {
        let found = try plane.audit.providerWrites(in: "audited", from: before)
        return found.isEmpty ? nil : found
      }
      #expect(writes.map(\.verb) == ["create"])
      #expect(writes.map(\.name) == ["mine"])
      #expect(writes.map(\.code) == [201])
    }

    /// A kube-apiserver that was built with a Go too new for its libraries faults here, not earlier.
    @Test(.timeLimit(.minutes(3)))
    func aRealAPIServerStoresOurCustomResources() async throws {
      let plane = try await ControlPlane.shared()
      let kubectl = Kubectl(kubeconfig: plane.adminKubeconfig, namespace: "stored")
      try await kubectl.run(["create", "namespace", "stored"])
      let manifests = Manifests(namespace: "stored", providerConfig: "stored", guildName: "Stored")
      try await kubectl.apply([
        manifests.config(baseURL: "http://127.0.0.1:1/api/v10"),
        manifests.guild("community", id: "1"),
        manifests.channel("general", in: "community", ["name": "general", "type": 0]),
        manifests.role("member", in: "community", ["name": "Member"]),
      ])
      let stored = try await kubectl.list(ManagedResource.all)
      #expect(
        Set(stored.map { ManagedResource(json: $0).name }) == ["community", "general", "member"])
    }

    @Test func aProcessThatEndedIsReportedWithItsLog() async throws {
      let folder = try RunFolder.make("ended")
      let process = try SpawnedProcess(
        "/bin/sh", ["-c", "echo went wrong; exit 3"], logPath: folder + "/log")
      #expect(try await process.exitCode(within: .seconds(10)) == 3)
      let error = #expect(throws: Unmendable.self) { try process.requireRunning() }
      #expect(error?.description.contains("went wrong") == true)
    }
  }
}
