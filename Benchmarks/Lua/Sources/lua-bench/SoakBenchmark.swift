import Foundation
import LuaBridge

/// Many runs in one process: resident memory must be flat after the first tenth.
struct SoakBenchmark {
  let scripts: String
  let runs: Int

  func run() throws {
    let bundle = try ScriptBundle(sources: try Fixture.sources(scripts))
    print("\n\(runs) runs of observe in one process, resident kilobytes\n")
    let began = clockMicroseconds()
    var settled = 0
    var last = 0
    for tenth in 1...10 {
      for _ in 0..<(runs / 10) {
        try drive(
          bundle, module: Fixture.module, function: "observe", arguments: [Fixture.context],
          answer: Fixture.answer)
      }
      last = residentKilobytes()
      if tenth == 1 { settled = last }
      print("\(Double(runs / 10 * tenth).column(0))\(Double(last).column(0))")
      fflush(nil)
    }
    let seconds = (clockMicroseconds() - began) / 1e6
    let growth = last - settled
    print(
      "\(seconds.column(0, width: 0)) s by the clock; grown by \(growth) KB after the first tenth")
    guard growth < 1_024 else { throw BenchmarkError("resident memory is not flat") }
  }

  private func residentKilobytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return 0
    }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4 : 0
  }
}
