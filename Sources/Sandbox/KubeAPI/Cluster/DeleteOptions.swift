import JSONValue

/// How an object is to be deleted: `meta/v1` DeleteOptions, from the body, or without one from the
/// query. As the real server does, a body makes all of the query count for nothing, `dryRun` as well
/// (kubernetes/kubernetes, apiserver/pkg/endpoints/handlers/delete.go).
struct DeleteOptions: Sendable {
  enum Propagation: String, Sendable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
  }

  var propagation: Propagation = .background
  var uid: String?
  var resourceVersion: String?
  var isDryRun = false

  init(propagation: Propagation = .background) { self.propagation = propagation }

  init(_ request: KubeRequest) throws(APIStatusError) {
    let body: JSONValue? = request.body.isEmpty ? nil : try RequestBodyReader.value(request)
    let named =
      body.map { $0["propagationPolicy"]?.stringValue } ?? request.parameter("propagationPolicy")
    if let named, !named.isEmpty {
      guard let known = Propagation(rawValue: named) else {
        throw .invalid(
          kind: "DeleteOptions", group: "meta.k8s.io", name: "",
          [
            FieldError(
              .notSupported, "propagationPolicy", value: .string(named),
              "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"")
          ])
      }
      propagation = known
    } else if body.map({ $0["orphanDependents"] == true }) ?? request.isSet("orphanDependents") {
      propagation = .orphan
    }
    uid = body?.value(at: "preconditions", "uid")?.stringValue
    resourceVersion = body?.value(at: "preconditions", "resourceVersion")?.stringValue
    let stages = body.map { ($0["dryRun"]?.arrayValue ?? []).compactMap(\.stringValue) }
    isDryRun = try WriteOptions.isDryRun(
      stages ?? [request.parameter("dryRun") ?? ""], kind: "DeleteOptions")
  }
}
