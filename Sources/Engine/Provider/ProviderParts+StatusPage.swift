import JSONValue
import KubeWatch

extension ProviderParts {
  /// The status page, with the loops that feed it while somebody looks.
  func statusPage(adding loops: inout [@Sendable () async throws -> Void]) -> StatusPage {
    let (kube, time) = (kube, time)
    let results = configuration.runbookReports.map { namespace in
      RunbookResults(namespace: namespace) { namespace, selector in
        try await kube.list(
          .configMaps, namespace: namespace, labelSelector: selector, limit: 50
        ).items
      }
    }
    let feed = StatusFeed(time: time) {
      var state = debugState()
      if let results { state["runbooks"] = results.report(now: time.timestamp()) }
      return state
    }
    loops.append { await feed.run() }
    if let results {
      loops.append { await results.run(time: time) { feed.viewerCount > 0 } }
    }
    return StatusPage(feed: feed)
  }
}
