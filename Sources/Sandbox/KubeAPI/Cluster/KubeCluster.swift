package import JSONValue

/// A Kubernetes API server as a value: requests in, replies out, with the time passed in. It knows
/// nothing of sockets or clocks; `KubeAPIServer` drives it.
package struct KubeCluster: Sendable {
  /// The objects and their history.
  package internal(set) var store: ObjectStore
  var definitions: [GroupResource: ResourceDefinition]
  var random: SeededRandom
  /// Whether garbage collection or a termination may have something to do.
  package internal(set) var hasBackgroundWork = true

  /// A cluster with its built-in resources, the namespaces `default`, `kube-system` and
  /// `crossplane-system`, and the given CustomResourceDefinitions.
  package init(
    customResourceDefinitions: [JSONValue] = [], now: KubeTime, seed: UInt64 = 1,
    historyLimit: Int = 4_096
  ) throws(APIStatusError) {
    store = ObjectStore(historyLimit: historyLimit)
    random = SeededRandom(seed: seed)
    definitions = [:]
    for definition in BuiltInResources.all { definitions[definition.groupResource] = definition }
    for name in ["default", "kube-system", "crossplane-system"] {
      try create(
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]],
        in: "/api/v1/namespaces", now: now)
    }
    for crd in customResourceDefinitions {
      try create(
        crd, in: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", now: now)
    }
  }

  private mutating func create(
    _ object: JSONValue, in path: String, now: KubeTime
  ) throws(APIStatusError) {
    let request = KubeRequest(
      method: "POST", path: path, userAgent: "sandbox", body: object.serialized())
    guard case .reply(let reply) = respond(to: request, now: now), reply.status >= 400 else {
      return
    }
    let message = (try? JSONValue(parsing: reply.body))?["message"]?.stringValue
    throw APIStatusError(
      code: reply.status, reason: "Invalid", message: message ?? "cannot create \(path)")
  }

  /// Answers one request.
  package mutating func respond(to request: KubeRequest, now: KubeTime) -> KubeResponse {
    do {
      return try route(request, now: now)
    } catch {
      return .reply(KubeReply(error))
    }
  }

  private mutating func route(
    _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> KubeResponse {
    let segments = request.path.split(separator: "/").map(String.init)
    switch segments.first {
    case "healthz", "livez", "readyz":
      return .reply(
        KubeReply(status: 200, contentType: "text/plain; charset=utf-8", body: Array("ok".utf8)))
    case "version": return .reply(KubeReply(Discovery.version))
    case "openapi": return .reply(try openAPI(segments, request))
    case nil:
      return .reply(KubeReply(["paths": ["/api", "/apis", "/healthz", "/openapi/v2", "/version"]]))
    default: break
    }
    guard let target = RequestTarget(segments) else { throw .unknownPath() }
    guard let place = target.resource else { return .reply(try discover(target, request)) }
    return try serve(try resolve(target, place), request, now: now)
  }

  private func resolve(
    _ target: RequestTarget, _ place: RequestTarget.Resource
  ) throws(APIStatusError) -> ResourceTarget {
    let resource = GroupResource(group: target.group ?? "", resource: place.plural)
    guard let definition = definitions[resource], let version = target.version,
      let served = definition.version(version),
      definition.isNamespaced || place.namespace == nil,
      !definition.isNamespaced || place.name == nil || place.namespace != nil
    else { throw .unknownPath() }
    if let subresource = place.subresource {
      let isNamespaceEnd = definition.behaviour == .namespace && subresource == "finalize"
      guard isNamespaceEnd || (subresource == "status" && served.hasStatus) else {
        throw .unknownPath()
      }
    }
    return ResourceTarget(
      definition: definition, version: served, namespace: place.namespace, name: place.name,
      subresource: place.subresource)
  }

  private mutating func serve(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> KubeResponse {
    if target.definition.behaviour == .review {
      guard request.method == "POST" else { throw .methodNotAllowed() }
      return .reply(try review(target, request))
    }
    switch (request.method, target.name) {
    case ("GET", nil), ("HEAD", nil):
      if request.isSet("watch") { return .watch(try watch(target, request, now: now)) }
      return .reply(try list(target, request, now: now))
    case ("GET", _), ("HEAD", _): return .reply(try get(target, request, now: now))
    case ("POST", nil), ("PUT", _?), ("PATCH", _?), ("DELETE", _):
      return .reply(try write(target, request, now: now))
    default: throw .methodNotAllowed()
    }
  }

  /// The next events of a watch.
  package func frames(for session: inout WatchSession, now: KubeTime) -> [UInt8] {
    session.frames(from: store, now: now)
  }

  /// The last events of a watch that has to end.
  package func finish(_ session: inout WatchSession, now: KubeTime) -> [UInt8] {
    session.finish(from: store, now: now)
  }
}
