package import JSONValue
import Synchronization

/// The last result of each runbook, for the status page.
///
/// `runbook serve`, another process, keeps one ConfigMap for each runbook, labelled
/// `app.kubernetes.io/component=runbook-report`; the first line of its `history` is the last run.
package final class RunbookResults: Sendable {
  /// Lists the ConfigMaps of a namespace by label.
  package typealias List =
    @Sendable (_ namespace: String, _ labelSelector: String) async throws ->
    [JSONCursor]

  private struct State {
    var rows: [Row] = []
    var failure: String?
  }

  private struct Row {
    let runbook: String
    let verdict: String
    let cause: String?
    let startedAt: String
  }

  static let selector = "app.kubernetes.io/component=runbook-report"
  private static let namePrefix = "provider-discord-runbook-"
  /// How many are shown.
  private static let longest = 20

  private let namespace: String
  private let list: List
  private let state = Mutex(State())

  /// - Parameter namespace: where the ConfigMaps are.
  package init(namespace: String, list: @escaping List) {
    self.namespace = namespace
    self.list = list
  }

  /// Reads the ConfigMaps anew; what can't be read leaves the last results and says why.
  package func refresh() async {
    do {
      let rows = try await list(namespace, Self.selector).compactMap(Self.row)
        .sorted { ($1.startedAt, $0.runbook) < ($0.startedAt, $1.runbook) }
      state.withLock { $0 = State(rows: Array(rows.prefix(Self.longest))) }
    } catch {
      state.withLock { $0.failure = String(describing: error) }
    }
  }

  /// Looks every ten seconds, while somebody looks at the page, until the task is cancelled.
  func run(time: TimeSource, isWatched: @Sendable () -> Bool) async {
    while !Task.isCancelled {
      if isWatched() { await refresh() }
      do { try await time.sleep(.seconds(10)) } catch { return }
    }
  }

  /// The results, newest first, with their ages.
  package func report(now: Timestamp) -> JSONValue {
    let state = state.withLock { $0 }
    return [
      "failure": state.failure.map { .string($0) } ?? .null,
      "results": .array(
        state.rows.map { row in
          let age = Timestamp(row.startedAt).map {
            max(0, now.millisecondsSince1970 - $0.millisecondsSince1970) / 1_000
          }
          return [
            "runbook": .string(row.runbook), "verdict": .string(row.verdict),
            "message": row.cause.map { .string($0) } ?? .null,
            "startedAt": .string(row.startedAt), "ageSeconds": age.map { .integer($0) } ?? .null,
          ]
        }),
    ]
  }

  /// `2026-11-25T15:00:00Z alert fail · HER-004: …`; nil for a ConfigMap of another shape.
  private static func row(_ map: JSONCursor) -> Row? {
    guard let name = map.at("metadata", "name")?.string, name.hasPrefix(namePrefix),
      let line = map.at("data", "history")?.string?.split(separator: "\n").first
    else { return nil }
    let parts = line.split(separator: " · ", maxSplits: 1)
    let words = parts[0].split(separator: " ")
    guard words.count >= 3 else { return nil }
    return Row(
      runbook: String(name.dropFirst(namePrefix.count)),
      verdict: map.at("data", "verdict")?.string ?? String(words[2]),
      cause: parts.count > 1 ? String(parts[1]) : nil, startedAt: String(words[0]))
  }
}
