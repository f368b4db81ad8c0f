import Foundation
import JSONValue
import Testing

@testable import Runbooks

/// Backups as the document makes them: `kubectl get … -o yaml`.
@Suite struct BackupSourceTests {
  private static func facts(_ files: [String: String]) async throws -> JSONValue {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("backup-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    return try await BackupSource(folder: folder.path).answer("backup.inspect", [:]).value
  }

  @Test func readsListsAndDocumentsAndKeepsSecretsToItself() async throws {
    let facts = try await Self.facts([
      "discord-resources-backup.yaml": """
      apiVersion: v1
      kind: List
      items:
      - apiVersion: channel.discord.crossplane.io/v1alpha1
        kind: Channel
        metadata:
          name: general
          namespace: team-a
          annotations: {crossplane.io/external-name: "123456789012345678"}
        spec: {forProvider: {name: general}}
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader, namespace: team-a}
      """,
      "more/discord-secrets-backup.yaml": """
      apiVersion: v1
      kind: Secret
      metadata: {name: discord-credentials, namespace: crossplane-system}
      data: {token: c2VjcmV0LXZhbHVl}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: sealed, namespace: crossplane-system}
      data: {token: "ENC[AES256_GCM,data:abc]"}
      """,
      "broken.yaml": "a: [", "note.txt": "kind: Secret",
    ])
    let objects = facts["objects"]?.arrayValue ?? []
    #expect(
      objects.compactMap { $0["kind"]?.stringValue } == ["Channel", "Role", "Secret", "Secret"])
    #expect(objects[0]["external_name"]?.stringValue == "123456789012345678")
    #expect(objects[0].value(at: "spec", "forProvider", "name")?.stringValue == "general")
    #expect(objects[1]["spec"] == nil)
    #expect(objects[2]["secret_plain"]?.boolValue == true)
    #expect(objects[2]["secret_keys"] == ["token"])
    #expect(objects[3]["secret_plain"]?.boolValue == false)
    #expect(!facts.serializedText().contains("c2VjcmV0"))
    let files = facts["files"]?.arrayValue ?? []
    #expect(files.count == 4)
    let broken = files.first { $0["name"]?.stringValue == "broken.yaml" }
    #expect(broken?["error"]?.stringValue?.isEmpty == false)
    #expect(facts["newest"]?.stringValue?.isEmpty == false)
  }

  @Test func withoutAFolderItIsUnconfigured() async {
    let error = await #expect(throws: SourceFailure.self) {
      try await BackupSource(folder: nil).answer("backup.inspect", [:])
    }
    #expect(error?.kind == .unconfigured)
    let missing = await #expect(throws: SourceFailure.self) {
      try await BackupSource(folder: "/nowhere/at/all").answer("backup.inspect", [:])
    }
    #expect(missing?.kind == .notfound)
  }
}
