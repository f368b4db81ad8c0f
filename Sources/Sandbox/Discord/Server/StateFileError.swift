import Foundation
import JSONValue

/// The file that the simulator's state is kept in cannot be read or written.
struct StateFileError: Error, CustomStringConvertible {
  let path: String
  /// `read` or `write`.
  let action: String
  let cause: any Error

  var description: String {
    let reason = (cause as? JSONError)?.description ?? cause.localizedDescription
    return "cannot \(action) the state file \(path): \(reason)"
  }
}
