import JSONValue

/// How an object is to be deleted: `meta/v1` DeleteOptions, from the body or the query.
struct DeleteOptions: Sendable {
  enum Propagation: String, Sendable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
  }

  var propagation: Propagation = .background
  var uid: String?
  var resourceVersion: String?

  init(propagation: Propagation = .background) { self.propagation = propagation }

  init(_ request: KubeRequest) throws(APIStatusError) {
    let body: JSONValue = request.body.isEmpty ? [:] : try RequestBodyReader.value(request)
    let named =
      request.parameter("propagationPolicy") ?? body["propagationPolicy"]?.stringValue
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
    } else if body["orphanDependents"] == true || request.isSet("orphanDependents") {
      propagation = .orphan
    }
    uid = body.value(at: "preconditions", "uid")?.stringValue
    resourceVersion = body.value(at: "preconditions", "resourceVersion")?.stringValue
  }
}
