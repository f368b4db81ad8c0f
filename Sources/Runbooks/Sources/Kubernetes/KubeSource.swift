package import Engine
import HTTPTransport
package import JSONValue
import KubeWatch

/// `kube.*`: objects, lists, Events, logs, usage, rights.
package struct KubeSource: EffectSource {
  private let reads: KubeReads
  private let time: TimeSource

  package init(reads: KubeReads, time: TimeSource) {
    self.reads = reads
    self.time = time
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    switch name {
    case "kube.get": return SourceAnswer(try await object(effect))
    case "kube.list": return SourceAnswer(.array(try await list(effect)))
    case "kube.logs": return SourceAnswer(try await logs(effect))
    case "kube.events": return SourceAnswer(try await events(effect))
    case "kube.usage": return SourceAnswer(try await usage(effect))
    case "kube.can": return SourceAnswer(try await may(effect))
    case "kube.who_can": return SourceAnswer(try await AccessSearch(reads: reads).answer(effect))
    case "kube.raw": return SourceAnswer(try await raw(effect))
    default: throw SourceFailure(.refused, "there is no \(name)")
    }
  }

  private func object(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let type = try KubePath.type(effect)
    try KubePath.admit(type)
    let name = try KubePath.name(effect.demandText("name"))
    let namespace = try effect.text("namespace").map { text throws(SourceFailure) in
      try KubePath.name(text)
    }
    return try await reads.json(path: type.path(namespace: namespace, name: name))
  }

  private func list(_ effect: JSONValue) async throws(SourceFailure) -> [JSONValue] {
    let type = try KubePath.type(effect)
    try KubePath.admit(type)
    let namespace = try effect.text("namespace").map { text throws(SourceFailure) in
      try KubePath.name(text)
    }
    let most = Int(clamping: max(1, min(10_000, effect["limit"]?.integerValue ?? 1_000)))
    return try await Self.items(
      of: type, in: namespace, labels: effect.text("labels"), fields: effect.text("fields"),
      most: most, reads: reads)
  }

  /// All pages of a list, up to a number of objects, without their managedFields.
  static func items(
    of type: ResourceType, in namespace: String?, labels: String? = nil, fields: String? = nil,
    most: Int = 1_000, reads: KubeReads
  ) async throws(SourceFailure) -> [JSONValue] {
    var items: [JSONValue] = []
    var token = ""
    repeat {
      var query: [(String, String)] = [("limit", "\(min(500, most - items.count))")]
      if let labels { query.append(("labelSelector", labels)) }
      if let fields { query.append(("fieldSelector", fields)) }
      if !token.isEmpty { query.append(("continue", token)) }
      let page = try await reads.json(path: type.path(namespace: namespace), query: query)
      guard let found = page["items"]?.arrayValue else {
        throw SourceFailure(.error, "the API server's list of \(type.plural) is no list")
      }
      let kind = page["kind"]?.stringValue.map {
        $0.hasSuffix("List") ? String($0.dropLast(4)) : $0
      }
      for var item in found {
        // Items of a list do not say what they are.
        if item["kind"] == nil { item["kind"] = kind.map { .string($0) } }
        if item["apiVersion"] == nil { item["apiVersion"] = page["apiVersion"] }
        item.set(nil, at: ["metadata", "managedFields"])
        items.append(item)
      }
      token = page.value(at: "metadata", "continue")?.stringValue ?? ""
    } while !token.isEmpty && items.count < most
    return Array(items.prefix(most))
  }

  private func logs(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let namespace = try KubePath.name(effect.demandText("namespace"))
    let pod = try KubePath.name(effect.demandText("pod"))
    let tail = max(1, min(2_000, effect["tail"]?.integerValue ?? 500))
    let wanted = (effect["match"]?.arrayValue ?? []).compactMap { $0.stringValue?.lowercased() }
    // To find lines, more must be looked at than are wanted.
    var query = [
      ("tailLines", "\(wanted.isEmpty ? tail : 10_000)"), ("limitBytes", "4194304"),
    ]
    if let container = effect.text("container") { query.append(("container", container)) }
    if effect["previous"]?.boolValue == true { query.append(("previous", "true")) }
    if let since = effect["since"]?.doubleValue, since >= 1 {
      query.append(("sinceSeconds", "\(Int64(min(since, 1e9)))"))
    }
    let type = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
    let response: [UInt8]
    do throws(SourceFailure) {
      response = try await reads.raw(
        path: type.path(namespace: namespace, name: pod, subresource: "log"), query: query
      ).body
    } catch {
      // What the kubelet says when there was no earlier container.
      guard error.kind == .error, effect["previous"]?.boolValue == true else { throw error }
      throw SourceFailure(.nodata, error.message)
    }
    var lines = String(decoding: response, as: UTF8.self).split(separator: "\n").map(String.init)
    if !wanted.isEmpty {
      lines = lines.filter { line in
        let line = line.lowercased()
        return wanted.contains { line.contains($0) }
      }
    }
    return .array(lines.suffix(Int(tail)).map { .string($0) })
  }

  private func raw(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let (path, query) = try KubePath.raw(effect.demandText("path"))
    let body = try await reads.raw(path: path, query: query).body
    return (try? JSONValue(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self))
  }

  private func may(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let type = try KubePath.type(effect)
    var attributes: JSONValue = [
      "verb": .string(try effect.demandText("verb")), "group": .string(type.group),
      "version": .string(type.version), "resource": .string(type.plural),
    ]
    for member in ["namespace", "name", "subresource"] {
      attributes[member] = effect.text(member).map { .string($0) }
    }
    let review = try await reads.review(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": ["resourceAttributes": attributes],
      ])
    guard let allowed = review.value(at: "status", "allowed")?.boolValue else {
      throw SourceFailure(.error, "the review has no status")
    }
    return .bool(allowed)
  }

  private func usage(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let namespace = try KubePath.name(effect.demandText("namespace"))
    let pod = try KubePath.name(effect.demandText("pod"))
    let type = ResourceType(
      group: "metrics.k8s.io", version: "v1beta1", kind: "PodMetrics", plural: "pods")
    let metrics: JSONValue
    do throws(SourceFailure) {
      metrics = try await reads.json(path: type.path(namespace: namespace, name: pod))
    } catch {
      guard error.kind == .notfound else { throw error }
      throw SourceFailure(.notfound, "metrics.k8s.io has nothing: is metrics-server installed?")
    }
    var containers: [String: JSONValue] = [:]
    var cpu = 0.0
    var memory = 0.0
    for container in metrics["containers"]?.arrayValue ?? [] {
      let cores = KubeQuantity.value(container.value(at: "usage", "cpu")?.stringValue) ?? 0
      let bytes = KubeQuantity.value(container.value(at: "usage", "memory")?.stringValue) ?? 0
      cpu += cores
      memory += bytes
      containers[container["name"]?.stringValue ?? ""] = [
        "cpu": .double(cores), "memory": .double(bytes),
      ]
    }
    return [
      "cpu": .double(cpu), "memory": .double(memory), "containers": .object(containers),
      "at": metrics["timestamp"] ?? "",
      "window": .double(
        metrics["window"]?.stringValue.flatMap(GoDuration.parse).map {
          Double($0.wholeMilliseconds) / 1000
        } ?? 0),
    ]
  }

  private func events(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    var selectors: [String] = []
    if let object = effect["object"] {
      for (member, field) in [("kind", "kind"), ("name", "name"), ("uid", "uid")] {
        if let text = object.text(member) { selectors.append("involvedObject.\(field)=\(text)") }
      }
    }
    if let type = effect.text("type") { selectors.append("type=\(type)") }
    let namespace = try effect.text("namespace").map { text throws(SourceFailure) in
      try KubePath.name(text)
    }
    let found = try await Self.items(
      of: .events, in: namespace,
      fields: selectors.isEmpty ? nil : selectors.joined(separator: ","),
      reads: reads)
    let oldest = effect["since"]?.doubleValue.map {
      time.wallMilliseconds() - Int64(min($0, 1e9) * 1000)
    }
    let events = found.map(KubeEventFacts.init).filter { event in
      guard let oldest else { return true }
      return event.last.map { $0.millisecondsSince1970 >= oldest } ?? true
    }
    return .array(
      events.sorted {
        ($0.last?.millisecondsSince1970 ?? 0) > ($1.last?.millisecondsSince1970 ?? 0)
      }
      .prefix(500).map(\.json))
  }
}

/// An Event of either API, as scripts get it.
private struct KubeEventFacts {
  let event: JSONValue
  let last: Timestamp?

  init(_ event: JSONValue) {
    self.event = event
    let times = [
      event.value(at: "series", "lastObservedTime"), event["lastTimestamp"], event["eventTime"],
      event.value(at: "metadata", "creationTimestamp"),
    ]
    last = times.lazy.compactMap { $0?.stringValue.flatMap { Timestamp($0) } }.first
  }

  var json: JSONValue {
    let first =
      [event["firstTimestamp"], event["eventTime"]].lazy
      .compactMap { $0?.stringValue.flatMap { Timestamp($0) } }.first ?? last
    let count =
      event.value(at: "series", "count")?.integerValue ?? event["count"]?.integerValue ?? 1
    let object = event["involvedObject"]
    var about: JSONValue = ["kind": object?["kind"] ?? "", "name": object?["name"] ?? ""]
    about["namespace"] = object?["namespace"]
    about["uid"] = object?["uid"]
    return [
      "type": event["type"] ?? "Normal", "reason": event["reason"] ?? "",
      "message": event["message"] ?? "", "count": .integer(count),
      "first": .string(first?.seconds ?? ""), "last": .string(last?.seconds ?? ""),
      "object": about,
      "source": event["reportingComponent"]?.stringValue.flatMap { $0.isEmpty ? nil : .string($0) }
        ?? event.value(at: "source", "component") ?? "",
    ]
  }
}
