import JSONValue

extension KubeCluster {
  func renderer(_ request: KubeRequest) throws(APIStatusError) -> ObjectRenderer {
    let included = request.parameter("includeObject")
    guard let renderer = ObjectRenderer(accept: request.accept, includeObject: included) else {
      throw .notAcceptable(accepted: ["application/json"])
    }
    return renderer
  }

  func get(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> KubeReply {
    let name = target.name ?? ""
    guard let object = store.object(target.resource, target.key(name)) else {
      throw .notFound(target.resource, name)
    }
    let shown = try renderer(request).single(
      object, definition: target.definition, version: target.version.name, now: now)
    return KubeReply(shown, warnings: warnings(of: target))
  }

  func warnings(of target: ResourceTarget) -> [String] {
    target.version.deprecationWarning.map { [$0] } ?? []
  }

  func list(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> KubeReply {
    let labels = try LabelSelector(parsing: request.parameter("labelSelector") ?? "")
    let fields = try FieldSelector(
      parsing: request.parameter("fieldSelector") ?? "", for: target.resource)
    let limit = Int(request.parameter("limit") ?? "") ?? 0
    let (version, start) = try snapshot(request)
    guard
      let all = version == store.resourceVersion
        ? store.objects(target.resource, namespace: target.namespace)
        : store.objects(target.resource, namespace: target.namespace, at: version)
    else {
      throw .expired(
        "The provided continue parameter is too old to display a consistent list result. You can "
          + "start a new list without the continue parameter.")
    }
    var selected = all.filter { entry in
      start.map { $0 < entry.key } ?? true && labels.matches(entry.object)
        && fields.matches(entry.object)
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(version))]
    if limit > 0, selected.count > limit {
      let rest = selected.count - limit
      selected.removeLast(rest)
      let token = ContinueToken(resourceVersion: version, after: selected[limit - 1].key)
      metadata["continue"] = .string(token.text)
      metadata["remainingItemCount"] =
        labels.isEmpty && request.parameter("fieldSelector") ?? "" == ""
        ? .integer(Int64(rest)) : nil
    }
    let shown = try renderer(request).list(
      selected.map(\.object), metadata: metadata, definition: target.definition,
      version: target.version.name, now: now)
    return KubeReply(shown, warnings: warnings(of: target))
  }

  /// The version that a list shows, and the key after which its page starts.
  private func snapshot(
    _ request: KubeRequest
  ) throws(APIStatusError) -> (UInt64, ObjectStore.Key?) {
    if let text = request.parameter("continue"), !text.isEmpty {
      guard let token = ContinueToken(parsing: text) else {
        throw .badRequest("continue key is not valid: \(text)")
      }
      return (token.resourceVersion, token.after)
    }
    let asked = try version(request)
    guard asked <= store.resourceVersion else {
      throw .tooLargeResourceVersion(asked, current: store.resourceVersion)
    }
    if request.parameter("resourceVersionMatch") == "Exact", asked > 0 {
      guard asked >= store.forgottenVersion else {
        throw .expired("The resourceVersion for the provided list is too old.")
      }
      return (asked, nil)
    }
    return (store.resourceVersion, nil)
  }

  private func version(_ request: KubeRequest) throws(APIStatusError) -> UInt64 {
    let text = request.parameter("resourceVersion") ?? ""
    if text.isEmpty { return 0 }
    guard let version = UInt64(text) else {
      throw .badRequest(
        "Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": "
          + "invalid syntax")
    }
    return version
  }

  func watch(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> WatchSession {
    let labels = try LabelSelector(parsing: request.parameter("labelSelector") ?? "")
    let fields = try FieldSelector(
      parsing: request.parameter("fieldSelector") ?? "", for: target.resource)
    let asked = try version(request)
    let sendsInitial = request.parameter("sendInitialEvents").map { _ in
      request.isSet("sendInitialEvents")
    }
    var initial: [JSONValue] = []
    if sendsInitial ?? (asked == 0) {
      initial = store.objects(target.resource, namespace: target.namespace).map(\.object)
        .filter { labels.matches($0) && fields.matches($0) }
    }
    // Half an hour to an hour in the real server; the shorter end is enough here.
    let timeout = Int64(request.parameter("timeoutSeconds") ?? "") ?? 1_800
    let startsNow = sendsInitial != nil || asked == 0
    return WatchSession(
      definition: target.definition, version: target.version.name, namespace: target.namespace,
      labels: labels, fields: fields, renderer: try renderer(request),
      allowsBookmarks: request.isSet("allowWatchBookmarks"),
      deadline: KubeTime(microseconds: now.microseconds + max(1, timeout) * 1_000_000),
      contentType: "application/json", position: startsNow ? store.resourceVersion : asked,
      initial: initial, marksInitialEnd: sendsInitial ?? false,
      nextBookmark: KubeTime(microseconds: now.microseconds + WatchSession.bookmarkInterval))
  }
}
