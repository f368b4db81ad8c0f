import Engine
import JSONValue
import LuaBridge

/// A recording in `runbooks/recordings/`: on its world, the runbooks as they are must give the report of
/// then, byte for byte.
struct RecordedCase: Sendable {
  /// The file's name without `.json`.
  let name: String
  /// Below the scripts' folder.
  let path: String
  /// What ran then: "runbooks.provider_down", or several.
  let runbooks: String
  /// The same, one by one.
  let modules: [String]
  private let recording: RunRecording
  private let report: JSONValue

  /// Where the recordings are, below the scripts' folder.
  static let folder = "runbooks/recordings"

  /// Reads a file.
  init(name: String, path: String, bytes: [UInt8]) throws(CaseFileError) {
    self.name = name
    self.path = path
    do {
      recording = try RunRecording(JSONValue(parsing: bytes))
    } catch {
      throw CaseFileError("\(error)")
    }
    guard let report = recording.report else {
      throw CaseFileError(
        "the recording has no report to compare with: record it anew with runbook run --replay FILE "
          + "--record FILE")
    }
    self.report = report
    modules = recording.modules
    runbooks = modules.joined(separator: ", ")
  }

  /// Runs it.
  func problems(
    in bundle: ScriptBundle, limits: ScriptLimits, scripts: ScriptRunner
  ) async -> [CaseProblem] {
    do {
      let run = try await recording.replay(with: bundle, limits: limits, scripts: scripts)
      return Self.differences(
        report, try JSONValue(parsing: JSONReport.value(of: run).serialized()))
    } catch {
      return [CaseProblem("", "it cannot be run: \(error)")]
    }
  }

  /// What differs, by the ids of checks: a new check must not make all that follow differ.
  static func differences(_ want: JSONValue, _ got: JSONValue) -> [CaseProblem] {
    let problems = CaseComparison.exact(byID(want), byID(got), at: "report")
    guard problems.isEmpty, want.serializedText() != got.serializedText() else { return problems }
    return [CaseProblem("report", "the same, in another order")]
  }

  /// Lists of things with an id as mappings.
  private static func byID(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members): return .object(members.mapValues(byID))
    case .array(let elements):
      let ids = elements.compactMap { $0["id"]?.stringValue }
      guard !ids.isEmpty, ids.count == elements.count, Set(ids).count == ids.count else {
        return .array(elements.map(byID))
      }
      return .object(
        Dictionary(zip(ids, elements.map(byID)), uniquingKeysWith: { first, _ in first }))
    default: return value
    }
  }
}
