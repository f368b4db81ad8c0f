/// What a test waited for did not happen.
struct NotSeen: Error, CustomStringConvertible {
  let what: String
  let deadline: Duration
  let last: String

  var description: String { "not seen within \(deadline): \(what). \(last)" }
}

/// Asks until there is an answer. The one place of these tests that waits.
///
/// What it asks runs in another process, so there is no event to await. The deadline is generous: it
/// bounds a broken run and asserts no speed.
/// - Returns: the first answer that is not nil.
@discardableResult
func eventually<Answer>(
  _ what: String, within deadline: Duration = .seconds(60),
  every interval: Duration = .milliseconds(50),
  _ probe: () async throws -> Answer?
) async throws -> Answer {
  let clock = ContinuousClock()
  let end = clock.now + deadline
  var last = ""
  while true {
    do {
      if let answer = try await probe() { return answer }
    } catch let error as Unmendable {
      throw error
    } catch {
      last = "Last error: \(error)"
    }
    guard clock.now < end else { throw NotSeen(what: what, deadline: deadline, last: last) }
    try await clock.sleep(for: interval)
  }
}

/// Asks until it is true.
/// - Returns: how long it took.
@discardableResult
func eventually(
  _ what: String, within deadline: Duration = .seconds(60),
  every interval: Duration = .milliseconds(50),
  _ probe: () async throws -> Bool
) async throws -> Duration {
  let clock = ContinuousClock()
  let begin = clock.now
  _ = try await eventually(what, within: deadline, every: interval) {
    try await probe() ? true : nil
  }
  return clock.now - begin
}

/// An error that waiting does not mend, such as a process that ended.
struct Unmendable: Error, CustomStringConvertible {
  let description: String
}
