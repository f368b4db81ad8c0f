import Engine
import Foundation
import JSONValue
import Testing

@testable import Runbooks

@Suite struct EvidenceBundleTests {
  private static func report(
    _ evidence: String, name: String = "last lines/of the log"
  ) -> RunReport {
    let bytes = Array(evidence.utf8)
    let outcome = Outcome(.fail, "down")
    let now = Timestamp(millisecondsSince1970: 1_767_225_600_000)
    let runbook = RunbookReport(
      id: "provider-down", title: "Provider Down", verdict: .fail, startedAt: now,
      milliseconds: 12,
      checks: [
        CheckReport(
          id: "PDN-001", title: "replicas", category: "workload", outcome: outcome, hint: nil,
          milliseconds: 3)
      ], rootCause: nil, plans: [], escalations: [],
      evidence: [
        EvidenceItem(
          id: "e1", name: name, check: "PDN-001",
          sha256: SHA256Digest.hex(of: bytes), bytes: bytes)
      ], faults: [])
    return RunReport(
      target: ReportTarget(
        context: "prod", namespace: "crossplane-system", deployment: "provider-discord",
        flavour: "helm", isReachable: true, problem: nil), startedAt: now, milliseconds: 12,
      alert: nil, runbooks: [runbook], rootCause: nil)
  }

  private static func run(_ program: String, _ arguments: [String], in folder: String) throws
    -> (code: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test func tarAndSha256sumReadTheBundle() throws {
    let bundle = try EvidenceBundle(
      Self.report("line one\nline two\n"), versions: ["provider-discord": "0.1.0"])
    let archive = TarArchive.bytes(of: bundle.files, modified: 1_767_225_600)
    let folder = NSTemporaryDirectory() + "/evidence-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(archive).write(to: URL(fileURLWithPath: folder + "/bundle.tar"))
    let unpacked = try Self.run("tar", ["-xvf", "bundle.tar"], in: folder)
    #expect(unpacked.code == 0)
    #expect(
      unpacked.output.split(separator: "\n").map(String.init) == [
        "evidence/provider-down/e1-last-lines-of-the-log.txt", "report.json", "report.md",
        "versions.json", "SHA256SUMS",
      ])
    let checked = try Self.run("sha256sum", ["--check", "--strict", "SHA256SUMS"], in: folder)
    #expect(checked.code == 0)
    #expect(checked.output.split(separator: "\n").count == 4)
  }

  @Test(arguments: [
    ("pods.json", "pods.json"), ("previous.log", "previous.log"), ("v1.2", "v1.2.txt"),
  ])
  func aNameWithAnEndingGetsNoSecondOne(name: String, file: String) throws {
    let bundle = try EvidenceBundle(Self.report("x", name: name), versions: [:])
    #expect(bundle.files.first?.path == "evidence/provider-down/e1-\(file)")
  }

  @Test func whatLooksLikeASecretKeepsItFromBeingWritten() {
    let error = #expect(throws: EvidenceBundle.SecretFound.self) {
      try EvidenceBundle(Self.report("token \(ReportTextTests.token)"), versions: [:])
    }
    #expect(error?.file == "evidence/provider-down/e1-last-lines-of-the-log.txt")
    #expect(error?.kinds == [.botToken])
    #expect(error?.description.contains("GabcdE") == false)
  }
}
