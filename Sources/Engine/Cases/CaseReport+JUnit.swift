extension CaseReport {
  /// JUnit's XML, a test suite for each file: what CI systems read.
  package var junit: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    let count = results.count + broken.count
    text +=
      "<testsuites name=\"provider-discord scripts\" tests=\"\(count)\" "
      + "failures=\"\(failed.count)\" errors=\"\(broken.count)\" "
      + "time=\"\(duration.inSeconds)\">\n"
    for file in broken {
      text += "  <testsuite name=\"\(XMLText.escaped(file.path))\" tests=\"1\" errors=\"1\">\n"
      text += "    <testcase classname=\"\(XMLText.escaped(file.path))\" name=\"can be run\">"
      text += "<error message=\"\(XMLText.escaped(file.message))\"/></testcase>\n"
      text += "  </testsuite>\n"
    }
    var rest = results[...]
    while let first = rest.first {
      let suite = rest.prefix { $0.file == first.file }
      rest = rest.dropFirst(suite.count)
      text += Self.suite(Array(suite))
    }
    return text + "</testsuites>\n"
  }

  private static func suite(_ results: [CaseResult]) -> String {
    let failures = results.count { !$0.passed }
    let seconds = results.reduce(0) { $0 + $1.duration.inSeconds }
    var text =
      "  <testsuite name=\"\(XMLText.escaped(results[0].file))\" tests=\"\(results.count)\" "
      + "failures=\"\(failures)\" time=\"\(seconds)\">\n"
    for result in results {
      text +=
        "    <testcase classname=\"\(XMLText.escaped(result.file))\" name=\"\(XMLText.escaped(result.name))\" "
        + "file=\"\(XMLText.escaped(result.path))\" time=\"\(result.duration.inSeconds)\""
      if result.passed {
        text += "/>\n"
        continue
      }
      let details = result.problems.map(details).joined(separator: "\n")
      let summary = result.problems.first.map { $0.message ?? $0.place } ?? ""
      text +=
        ">\n      <failure message=\"\(XMLText.escaped(summary))\">\(XMLText.escaped(details))</failure>\n"
      text += "    </testcase>\n"
    }
    return text + "  </testsuite>\n"
  }

  private static func details(_ problem: CaseProblem) -> String {
    [
      problem.place, problem.message, problem.expected.map { "expected \($0)" },
      problem.actual.map { "actual \($0)" },
    ].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n  ")
  }
}
