import LuaBridge

/// How long each hostile script takes, and the longest time it holds a thread without giving way.
struct HostileBenchmark {
  let shown: Int

  private struct Line {
    var name: String
    var total: Double
    var slice: Double
    var slices: Int
    var instructions: Int
    var ending: String
  }

  func run() throws {
    let scripts = loopScripts + memoryScripts + patternScripts + sandboxScripts + effectScripts
    var lines = try scripts.map(measure)
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

  private func measure(_ script: HostileScript) throws -> Line {
    let bundle = try ScriptBundle(sources: [
      source("lib.host", "local perform = ... return { perform = perform }"),
      source(
        "resources.rule",
        "local rule = {}\nfunction rule.run(...)\n\(script.body)\nend\nreturn rule"),
    ])
    var line = Line(
      name: script.name, total: 0, slice: 0, slices: 0, instructions: 0, ending: "finished")
    var run = ScriptRun(bundle: bundle, module: "resources.rule", function: "run", arguments: [])
    var answer: [UInt8]?
    while true {
      let began = processorMicroseconds()
      let step = run.resume(answer: answer)
      let took = (processorMicroseconds() - began) / 1e3
      line.total += took
      line.slice = max(line.slice, took)
      line.slices = run.usage.slices
      line.instructions = run.usage.instructions
      switch step {
      case .sliceEnded: answer = nil
      case .effect(let effect): answer = effect
      case .finished: return line
      case .failed(let error):
        line.ending = "\(error.kind)"
        return line
      }
    }
  }
}
