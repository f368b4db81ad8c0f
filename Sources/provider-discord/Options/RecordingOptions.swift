import ArgumentParser
import Engine

/// Keeping what scripts do, for `scripts replay`.
struct RecordingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write what the scripts of each reconcile do into this folder, for scripts replay.",
      valueName: "dir"))
  var record: String?

  @Option(help: ArgumentHelp("How many recordings are kept.", valueName: "number"))
  var recordMaximum: Int = Int(EnvironmentDefault.text("record-maximum", "1000")) ?? 1000

  func validate() throws {
    guard recordMaximum > 0 else {
      throw ValidationError("--record-maximum \(recordMaximum) is less than 1")
    }
  }

  /// Where recordings go; nil when nobody asked for them.
  func store() throws -> RunRecorder.Store? {
    guard let folder = record ?? EnvironmentDefault.optional("record") else { return nil }
    let recordings = try RecordingFolder(folder, maximum: recordMaximum)
    return { try recordings.store($0, $1) }
  }
}
