package import JSONValue
package import LuaBridge

/// How much of each script the cases ran.
package struct CaseCoverage: Sendable {
  /// One script.
  package struct Script: Sendable {
    package let path: String
    package let lines: ScriptCoverage.Module

    /// Between 0 and 100; a script without a line that can run is covered.
    package var percent: Double {
      lines.runnable.isEmpty
        ? 100 : Double(lines.covered.count) * 100 / Double(lines.runnable.count)
    }

    /// The lines that did not run, neighbours joined: "14-17, 30".
    package var missedText: String {
      var ranges: [(first: Int, last: Int)] = []
      let runnable = lines.runnable
      for (place, line) in runnable.enumerated() where !lines.covered.contains(line) {
        let follows = place > 0 && ranges.last?.last == runnable[place - 1]
        if follows {
          ranges[ranges.count - 1].last = line
        } else {
          ranges.append((line, line))
        }
      }
      return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
        .joined(separator: ", ")
    }
  }

  /// Sorted by path.
  package let scripts: [Script]

  /// - Parameter own: the modules of the folder; what came with the program is not its author's to cover.
  init(_ coverage: ScriptCoverage, of bundle: ScriptBundle, own: Set<String>) {
    scripts = bundle.modules.compactMap { module -> Script? in
      guard own.contains(module), let source = bundle.source(of: module),
        let lines = coverage.module(module, of: bundle)
      else { return nil }
      return Script(path: source.path, lines: lines)
    }.sorted { $0.path < $1.path }
  }

  /// Of all scripts together, between 0 and 100.
  package var percent: Double {
    let runnable = scripts.reduce(0) { $0 + $1.lines.runnable.count }
    let covered = scripts.reduce(0) { $0 + $1.lines.covered.count }
    return runnable == 0 ? 100 : Double(covered) * 100 / Double(runnable)
  }

  /// A table, a line for each script.
  package var text: String {
    let width = scripts.map(\.path.count).max() ?? 0
    var text = "coverage by line\n"
    for script in scripts {
      text += "  " + script.path.padded(to: width) + "  " + Self.shown(script.percent)
      text += script.lines.missed.isEmpty ? "\n" : "  missed: \(script.missedText)\n"
    }
    return text + "  " + "all".padded(to: width) + "  " + Self.shown(percent) + "\n"
  }

  /// The same for programs.
  package var json: JSONValue {
    [
      "percent": .double(percent),
      "scripts": .array(
        scripts.map {
          [
            "path": .string($0.path), "percent": .double($0.percent),
            "runnable": .integer(Int64($0.lines.runnable.count)),
            "covered": .integer(Int64($0.lines.covered.count)),
            "missed": .array($0.lines.missed.map { .integer(Int64($0)) }),
          ]
        }),
    ]
  }

  private static func shown(_ percent: Double) -> String {
    // Rounded down: 100 % means that nothing is missing.
    let tenths = Int(percent * 10)
    let text = "\(tenths / 10).\(tenths % 10) %"
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
