package import JSONValue
import LuaBridge

/// What came of a run of cases.
package struct CaseReport: Sendable {
  /// In the order of files and cases.
  package let results: [CaseResult]
  package let broken: [CaseSuite.BrokenFile]
  /// Whether only some of the cases were asked for.
  package let isFiltered: Bool
  package let coverage: CaseCoverage?
  package let duration: Duration
  /// Paths of the files whose cases were left out because no change affects them.
  package let untouched: Set<String>

  package var failed: [CaseResult] { results.filter { !$0.passed } }

  /// The report on what came of cases.
  package init(
    results: [CaseResult], broken: [CaseSuite.BrokenFile], isFiltered: Bool,
    coverage: CaseCoverage?, duration: Duration, untouched: Set<String> = []
  ) {
    self.results = results
    self.broken = broken
    self.isFiltered = isFiltered
    self.coverage = coverage
    self.duration = duration
    self.untouched = untouched
  }

  /// With the earlier results of the cases that were left out.
  package func completed(by earlier: CaseReport) -> CaseReport {
    CaseReport(
      results: earlier.results.filter { untouched.contains($0.path) } + results, broken: broken,
      isFiltered: isFiltered, coverage: coverage, duration: duration)
  }

  /// Both, one after the other.
  package func joined(with other: CaseReport) -> CaseReport {
    CaseReport(
      results: results + other.results, broken: broken + other.broken,
      isFiltered: isFiltered || other.isFiltered, coverage: coverage ?? other.coverage,
      duration: duration + other.duration, untouched: untouched.union(other.untouched))
  }

  /// Whether there were cases, and all files could be run and all cases passed.
  package var succeeded: Bool { !results.isEmpty && broken.isEmpty && failed.isEmpty }

  /// For people: failed cases with their differences, then one line with the count.
  package var text: String {
    var text = ""
    for file in broken { text += "FAIL \(file.path)\n\(Self.indented(file.message, by: 5))\n\n" }
    for result in failed { text += Self.text(of: result) + "\n" }
    if let coverage { text += coverage.text + "\n" }
    if results.isEmpty {
      text +=
        isFiltered
        ? "no case matches the filter\n"
        : "no cases found: cases are files resources/*_cases.lua and runbooks/*_cases.lua, see "
          + "docs/writing-rules.md and docs/writing-runbooks.md\n"
      return text
    }
    let passed = results.count - failed.count
    let noun = results.count == 1 ? "case" : "cases"
    text += "\(results.count) \(noun), \(passed) passed, \(failed.count) failed"
    if !broken.isEmpty { text += ", \(broken.count) files could not be run" }
    return text + ", \(duration.inMilliseconds) ms\n"
  }

  private static func text(of result: CaseResult) -> String {
    let place = result.line.map { "\(result.path):\($0)" } ?? result.path
    var text = "FAIL \(result.file): \(result.name)\n"
    text += "     \(place), \(result.call) of \(result.rule)\n"
    for problem in result.problems {
      var head = problem.place
      if let message = problem.message { head += head.isEmpty ? message : ": \(message)" }
      text += indented(head, by: 7) + "\n"
      if let expected = problem.expected { text += "         expected  \(expected)\n" }
      if let actual = problem.actual { text += "         actual    \(actual)\n" }
    }
    return text
  }

  private static func indented(_ text: String, by count: Int) -> String {
    let blanks = String(repeating: " ", count: count)
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { blanks + $0 }.joined(separator: "\n")
  }

  /// For programs.
  package var json: JSONValue {
    var json: JSONValue = [
      "cases": .integer(Int64(results.count)), "failed": .integer(Int64(failed.count)),
      "succeeded": .bool(succeeded), "milliseconds": .integer(duration.inMilliseconds),
      "results": .array(results.map(Self.json)),
      "broken": .array(
        broken.map { ["path": .string($0.path), "message": .string($0.message)] }),
    ]
    json["coverage"] = coverage?.json
    return json
  }

  private static func json(of result: CaseResult) -> JSONValue {
    var json: JSONValue = [
      "file": .string(result.file), "path": .string(result.path), "name": .string(result.name),
      "rule": .string(result.rule), "call": .string(result.call), "passed": .bool(result.passed),
      "seconds": .double(result.duration.inSeconds),
      "instructions": .integer(Int64(result.usage.instructions)),
      "peak_bytes": .integer(Int64(result.usage.peakMemory)),
      "problems": .array(result.problems.map(Self.json)),
    ]
    json["line"] = result.line.map { .integer(Int64($0)) }
    return json
  }

  private static func json(of problem: CaseProblem) -> JSONValue {
    var json: JSONValue = ["place": .string(problem.place)]
    json["message"] = problem.message.map { .string($0) }
    json["expected"] = problem.expected.map { .string($0) }
    json["actual"] = problem.actual.map { .string($0) }
    return json
  }
}
