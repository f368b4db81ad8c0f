/// Where a run stands after it was resumed.
package enum ScriptStep: Sendable {
  /// The time slice is over. Resume without an answer.
  case sliceEnded
  /// The script performs an effect: one JSON object with a string member "effect". Resume with the
  /// answer as JSON.
  case effect([UInt8])
  /// The function returned: a JSON array of its values.
  case finished([UInt8])
  case failed(ScriptError)

  /// Whether the run is over.
  var isLast: Bool {
    switch self {
    case .sliceEnded, .effect: false
    case .finished, .failed: true
    }
  }
}
