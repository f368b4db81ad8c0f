import Foundation
import LuaBridge
import Testing

@testable import Runbooks

/// docs/runbooks/coverage.md against the operational document and against the shipped runbooks.
@Suite struct CoverageTests {
  private struct Row {
    let heading: String
    /// The cells, without the marks of code and with the bars as they were.
    let cells: [String]
    let plans: [String]
  }

  private static let root =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private static func page() throws -> [Row] {
    let text = try String(
      contentsOfFile: "\(root)/docs/runbooks/coverage.md", encoding: .utf8)
    var rows: [Row] = []
    var heading = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
      guard line.hasPrefix("| "), !line.hasPrefix("|---") else { continue }
      let cells = line.replacing("\\|", with: "\u{1}").split(
        separator: "|", omittingEmptySubsequences: false
      ).dropFirst().dropLast().map { cell in
        String(cell).replacing("\u{1}", with: "|").trimmingCharacters(in: .whitespaces)
      }
      let plans =
        cells.dropFirst(2).first.map { $0.matches(of: /plan `([a-z\-]+\/[a-z\-]+)`/) } ?? []
      rows.append(
        Row(
          heading: heading, cells: cells.map { $0.replacing("`", with: "") },
          plans: plans.map { String($0.1) }))
    }
    return rows
  }

  private static let shipped: [RunbookDescription] = {
    guard
      let sources = try? ScriptSource.read(directory: "\(root)/scripts"),
      let bundle = try? ScriptBundle(sources: sources)
    else { return [] }
    return bundle.modules.filter { $0.hasPrefix("runbooks.") && !$0.hasSuffix("_cases") }.compactMap
    {
      try? RunbookDescription(module: $0, in: bundle)
    }
  }()

  @Test func everyRunbookLoads() {
    #expect(
      Set(Self.shipped.map(\.id)) == [
        "provider-down", "high-error-rate", "api-health", "high-latency", "circuit-breaker-open",
        "reconciliation-stuck", "high-memory", "rate-limit", "security-incident",
        "disaster-recovery",
      ])
  }

  @Test(arguments: OperationalDocument.sections.map(\.heading))
  func everyLineOfTheDocumentHasARow(_ heading: String) throws {
    let section = try #require(OperationalDocument.sections.first { $0.heading == heading })
    var left = try Self.page().filter { $0.heading == heading }.map { $0.cells[1] }
    for line in section.lines {
      let wanted = line.replacing("`", with: "")
      let place = left.firstIndex(of: wanted)
      #expect(place != nil, "no row has \(wanted)")
      if let place { left.remove(at: place) }
    }
    // What is left is the head of the table.
    #expect(left == ["The document"])
  }

  @Test func everyRowNamesChecksOrPlansThatExist() throws {
    let checks = Set(Self.shipped.flatMap { $0.checks.map(\.id) })
    let plans = Set(Self.shipped.flatMap { book in book.plans.map { "\(book.id)/\($0.id)" } })
    let headings = Set(OperationalDocument.sections.map(\.heading))
    for row in try Self.page() where headings.contains(row.heading) && row.cells[0] != "Step" {
      let named = row.cells[2].matches(of: /[A-Z]{2,5}-\d{3}/).map { String($0.0) }
      #expect(!named.isEmpty || !row.plans.isEmpty, "\(row.cells[1]): nothing stands for it")
      for id in named { #expect(checks.contains(id), "\(row.cells[1]): there is no \(id)") }
      for plan in row.plans {
        #expect(plans.contains(plan), "\(row.cells[1]): there is no plan \(plan)")
      }
    }
  }

  @Test func everyRunbookCallsSomebodyAndEveryCheckHasAHint() throws {
    for book in Self.shipped {
      #expect(!book.escalations.isEmpty, "\(book.id) calls nobody")
      for check in book.checks {
        #expect(check.hint != nil, "\(check.id) has no hint")
      }
    }
  }
}
