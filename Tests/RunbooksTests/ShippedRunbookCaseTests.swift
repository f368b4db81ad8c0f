import Engine
import LuaBridge
import Testing

@testable import Runbooks

/// The cases and recordings beside the runbooks that we ship.
@Suite struct ShippedRunbookCaseTests {
  private static let folder =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/scripts"

  @Test func allPass() async throws {
    let report = try await RunbookCaseSuite(
      directory: Self.folder, shipped: ScriptSource.read(directory: Self.folder)
    ).run()
    #expect(report.succeeded, "\(report.text)")
    #expect(report.results.count >= 400)
    #expect(report.results.contains { $0.path == "runbooks/recordings/out-of-memory.json" })
    // Each runbook has some.
    let library = try RunbookLibrary(directory: Self.folder, shipped: [])
    #expect(Set(report.results.map(\.rule)).isSuperset(of: library.runbooks.map(\.module)))
  }

  @Test func nothingIsFoundInThem() throws {
    var checker = try ScriptChecker(
      directory: Self.folder, shipped: ScriptSource.read(directory: Self.folder),
      schemas: ResourceSchemas(definitions: []))
    checker.describeRunbook = { _ = try RunbookDescription(module: $0, in: $1) }
    checker.readRunbookCases = { try RunbookCaseSuite.read($0, in: $1) }
    let found = checker.findings().filter { $0.path.hasPrefix("runbooks/") }
    #expect(found == [])
  }
}
