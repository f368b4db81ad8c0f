import JSONValue
import Testing

@testable import Sandbox

@Suite struct WatchSessionTests {
  private let widgets = ClusterFixture.widgets
  private let merge = "application/merge-patch+json"

  private func summary(_ events: [JSONValue]) -> [String] {
    events.map { event in
      let type = event["type"]?.stringValue ?? ""
      return "\(type) \(event["object"]?.metadataName ?? "")"
    }
  }

  @Test func startsWithWhatIsThereWithoutAVersion() throws {
    var fixture = try ClusterFixture()
    try fixture.create("a")
    var watch = try fixture.watch(widgets)
    try fixture.create("b")
    #expect(try summary(fixture.events(&watch)) == ["ADDED a", "ADDED b"])
    #expect(try fixture.events(&watch).isEmpty)
  }

  @Test func resumesFromAVersion() throws {
    var fixture = try ClusterFixture()
    let first = try fixture.create("a").metadataResourceVersion
    try fixture.call("PATCH", "\(widgets)/a", ["spec": ["size": 5]], type: merge)
    try fixture.call("DELETE", "\(widgets)/a")
    var watch = try fixture.watch(widgets, query: [("resourceVersion", first)])
    let events = try fixture.events(&watch)
    #expect(summary(events) == ["MODIFIED a", "DELETED a"])
    let versions = events.compactMap { $0["object"].flatMap { UInt64($0.metadataResourceVersion) } }
    #expect(versions.count == 2 && versions[0] < versions[1])
  }

  @Test func anObjectThatLeavesTheSelectionIsDeletedFromIt() throws {
    var fixture = try ClusterFixture()
    try fixture.create("a")
    var watch = try fixture.watch(widgets, query: [("labelSelector", "on=yes")])
    #expect(try fixture.events(&watch).isEmpty)
    for value in ["yes", "no"] {
      try fixture.call(
        "PATCH", "\(widgets)/a", ["metadata": ["labels": ["on": .string(value)]]], type: merge)
    }
    #expect(try summary(fixture.events(&watch)) == ["ADDED a", "DELETED a"])
  }

  @Test func namespacesAndOtherResourcesAreLeftOut() throws {
    var fixture = try ClusterFixture()
    var watch = try fixture.watch("/apis/example.org/v1/namespaces/kube-system/widgets")
    try fixture.create("a")
    #expect(try fixture.events(&watch).isEmpty)
  }

  @Test func aVersionOutOfTheHistoryIsExpired() throws {
    var fixture = try ClusterFixture(historyLimit: 4)
    let first = try fixture.create("a").metadataResourceVersion
    for number in 0..<20 { try fixture.create("b\(number)") }
    var watch = try fixture.watch(widgets, query: [("resourceVersion", first)])
    let events = try fixture.events(&watch)
    #expect(events.count == 1)
    #expect(events[0]["type"] == "ERROR")
    #expect(events[0].value(at: "object", "code") == 410)
    #expect(events[0].value(at: "object", "reason") == "Expired")
    #expect(watch.isFinished)
  }

  @Test func bookmarksComeEachMinuteAndAtTheEnd() throws {
    var fixture = try ClusterFixture()
    var watch = try fixture.watch(
      widgets, query: [("allowWatchBookmarks", "true"), ("timeoutSeconds", "90")])
    #expect(try fixture.events(&watch).isEmpty)
    fixture.now = KubeTime(seconds: ClusterFixture.start.seconds + 61)
    let bookmark = try fixture.events(&watch)
    #expect(bookmark.count == 1 && bookmark[0]["type"] == "BOOKMARK")
    #expect(
      bookmark[0]["object"]?.metadataResourceVersion
        == String(fixture.cluster.store.resourceVersion))
    fixture.now = KubeTime(seconds: ClusterFixture.start.seconds + 91)
    #expect(try fixture.events(&watch).last?["type"] == "BOOKMARK")
    #expect(watch.isFinished)
  }

  @Test func initialEventsEndInAnAnnotatedBookmark() throws {
    var fixture = try ClusterFixture()
    try fixture.create("a")
    var watch = try fixture.watch(
      widgets,
      query: [
        ("sendInitialEvents", "true"), ("allowWatchBookmarks", "true"),
        ("resourceVersionMatch", "NotOlderThan"),
      ])
    let events = try fixture.events(&watch)
    #expect(summary(events).first == "ADDED a")
    #expect(
      events.last?["object"]?.value(at: "metadata", "annotations", "k8s.io/initial-events-end")
        == "true")
  }

  @Test func pagesShowOneVersionWhateverHappensBetween() throws {
    var fixture = try ClusterFixture()
    for name in ["a", "b", "c"] { try fixture.create(name) }
    let first = try fixture.call("GET", widgets, query: [("limit", "2")]).body
    #expect(first["items"]?.arrayValue?.count == 2)
    #expect(first.value(at: "metadata", "remainingItemCount") == 1)
    let token = first.value(at: "metadata", "continue")?.stringValue ?? ""
    try fixture.call("DELETE", "\(widgets)/c")
    try fixture.create("d")
    let second = try fixture.call(
      "GET", widgets, query: [("limit", "2"), ("continue", token)]
    ).body
    #expect(second["items"]?.arrayValue?.map(\.metadataName) == ["c"])
    #expect(second.metadataResourceVersion == first.metadataResourceVersion)
    #expect(second.value(at: "metadata", "continue") == nil)
    fixture.cluster.forgetHistory()
    let late = try fixture.call("GET", widgets, query: [("continue", token)])
    #expect(late.status == 410)
  }

  @Test func aVersionOfTheFutureIsTooLarge() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call("GET", widgets, query: [("resourceVersion", "99999")])
    #expect(answer.status == 504)
    #expect(answer.body.statusMessage.contains("Too large resource version"))
  }

  @Test(arguments: [
    ("", 3), ("app=x", 2), ("app==x,tier!=back", 1), ("app in (x, z)", 2), ("app notin (x)", 1),
    ("tier", 1), ("!tier", 2), ("app=nope", 0),
  ])
  func labelSelectorsSelect(selector: String, count: Int) throws {
    var fixture = try ClusterFixture()
    let labels: [JSONValue] = [["app": "x"], ["app": "x", "tier": "back"], ["app": "y"]]
    for (number, labels) in labels.enumerated() {
      var widget = ClusterFixture.widget("w\(number)")
      widget.setMetadata("labels", labels)
      try fixture.call("POST", widgets, widget)
    }
    let list = try fixture.call("GET", widgets, query: [("labelSelector", selector)])
    #expect(list.body["items"]?.arrayValue?.count == count)
  }

  @Test func fieldSelectorsSelectEventsByTheirObject() throws {
    var fixture = try ClusterFixture()
    for name in ["a", "b"] {
      let answer = try fixture.call(
        "POST", "/api/v1/namespaces/default/events",
        [
          "apiVersion": "v1", "kind": "Event", "metadata": ["name": .string(name)],
          "type": "Normal",
          "involvedObject": ["kind": "Widget", "name": .string(name), "uid": "u"],
        ])
      #expect(answer.status == 201)
    }
    let list = try fixture.call(
      "GET", "/api/v1/events",
      query: [("fieldSelector", "involvedObject.name=a,involvedObject.uid=u,type!=Warning")])
    #expect(list.body["items"]?.arrayValue?.map(\.metadataName) == ["a"])
    let unknown = try fixture.call("GET", widgets, query: [("fieldSelector", "spec.name=a")])
    #expect(unknown.status == 400)
    #expect(unknown.body.statusMessage == "field label not supported: spec.name")
  }
}
