import BareHost
import LuaBridge

/// How long each hostile script takes, and the longest time it holds a thread without giving way. Fails
/// when one ends otherwise than it must, takes more than its budget and 50 ms, or keeps memory.
struct HostileBenchmark {
  let shown: Int

  /// What a run may take beyond its budget of time, in milliseconds.
  private static let tolerance = 50.0
  /// The longest that a thread may be held, in milliseconds.
  private static let longestSlice = 20.0
  /// Budgets of time: the default, and one that most of the scripts would exceed.
  private static let budgets: [Duration] = [.seconds(10), .milliseconds(20)]
  /// What may be left in use after a run, in bytes: the Swift runtime keeps small things of its own.
  private static let leftover = 64 << 10

  private struct Line {
    var name: String
    var total: Double
    var slice: Double
    var slices: Int
    var instructions: Int
    var ending: String
    var kept: Int
    var faults: [String]
  }

  func run() throws {
    let scripts = hostileScripts
    // Once for what the process makes only once.
    for script in scripts { _ = try measure(script, within: .seconds(10)) }
    var lines: [Line] = []
    var hurried: [Line] = []
    for script in scripts {
      lines.append(try measure(script, within: Self.budgets[0]))
      hurried.append(try measure(script, within: Self.budgets[1]))
    }
    lines.sort { $0.total > $1.total }
    print(
      "\n\(scripts.count) hostile scripts, milliseconds of processor time\n\nthe longest runs\n")
    header()
    for line in lines.prefix(shown) { show(line) }
    lines.sort { $0.slice > $1.slice }
    print("\nthe longest slices\n")
    header()
    for line in lines.prefix(shown) { show(line) }
    print(
      "\nall: slices p50 \(percentile(50, of: lines.map(\.slice)).column(2, width: 0)) ms, "
        + "longest \((lines.first?.slice ?? 0).column(1, width: 0)) ms; runs p50 "
        + "\(percentile(50, of: lines.map(\.total)).column(1, width: 0)) ms, "
        + "p99 \(percentile(99, of: lines.map(\.total)).column(0, width: 0)) ms")
    try judge(lines, hurried)
  }

  private func judge(_ lines: [Line], _ hurried: [Line]) throws {
    let ended = hurried.filter { $0.ending == "wallClock" }
    print(
      "with 20 ms of time: \(ended.count) are ended by it, the latest after "
        + "\((hurried.map(\.total).max() ?? 0).column(1, width: 0)) ms")
    print(
      "memory in use after a run: at most \(lines.map(\.kept).max() ?? 0) bytes more than before")
    let faults = (lines + hurried).flatMap { line in line.faults.map { "\(line.name): \($0)" } }
    for fault in faults { print("FAULT \(fault)") }
    guard faults.isEmpty else { throw BenchmarkError("\(faults.count) faults") }
    print("each ended as it must, within its budget and 50 ms, and gave its memory back")
  }

  private func header() {
    print(
      "\("script".padded(50))     total  longest slice   slices   instructions  ending")
  }

  private func show(_ line: Line) {
    print(
      line.name.padded(50) + line.total.column(1, width: 10) + line.slice.column(2, width: 15)
        + Double(line.slices).column(0, width: 9)
        + Double(line.instructions).column(0, width: 15) + "  " + line.ending)
  }

  private func measure(_ script: HostileScript, within budget: Duration) throws -> Line {
    let before = Int(bare_host_bytes_in_use())
    var line = try drive(script, within: budget)
    line.kept = Int(bare_host_bytes_in_use()) - before
    if line.kept > Self.leftover { line.faults.append("kept \(line.kept) bytes") }
    let most =
      Double(budget.components.seconds) * 1e3
      + Double(budget.components.attoseconds) / 1e15 + Self.tolerance
    if line.total > most { line.faults.append("took \(line.total) ms") }
    if line.slice > Self.longestSlice { line.faults.append("held its thread for \(line.slice) ms") }
    let isTimeOver = line.ending == "wallClock" && budget != Self.budgets[0]
    if !isTimeOver, line.ending != Self.name(of: script.ending) {
      line.faults.append("ended with \(line.ending), not \(Self.name(of: script.ending))")
    }
    return line
  }

  private static func name(of ending: HostileScript.Ending) -> String {
    switch ending {
    case .fails(let kind): "\(kind)"
    case .isHarmless: "finished"
    }
  }

  private func drive(_ script: HostileScript, within budget: Duration) throws -> Line {
    let bundle = try ScriptBundle(sources: [
      source("lib.host", "local perform = ... return { perform = perform }"),
      source(
        "resources.rule",
        "local rule = {}\nfunction rule.run(...)\n\(script.body)\nend\nreturn rule"),
    ])
    var line = Line(
      name: script.name, total: 0, slice: 0, slices: 0, instructions: 0, ending: "finished",
      kept: 0, faults: [])
    var run = ScriptRun(
      bundle: bundle, module: "resources.rule", function: "run", arguments: [],
      limits: ScriptLimits(wallClock: budget))
    let time =
      Double(budget.components.seconds) * 1e3 + Double(budget.components.attoseconds) / 1e15
    var answer: [UInt8]?
    var held = 0.0
    while true {
      let began = processorMicroseconds()
      let step = run.resume(answer: answer)
      let took = (processorMicroseconds() - began) / 1e3
      line.total += took
      // Whoever answers an effect at once gives no turn to others.
      held += took
      line.slice = max(line.slice, held)
      line.slices = run.usage.slices
      line.instructions = run.usage.instructions
      switch step {
      case .sliceEnded:
        answer = nil
        held = 0
        // As ScriptRunner does: the time is looked at between slices.
        guard line.total <= time else {
          line.ending = "\(run.expire().kind)"
          return line
        }
      case .effect(let effect): answer = effect
      case .finished: return line
      case .failed(let error):
        line.ending = "\(error.kind)"
        return line
      }
    }
  }
}
