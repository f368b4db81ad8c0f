import JSONValue

/// The query parameters and the body's options of a write.
struct WriteOptions: Sendable {
  enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
  }

  let isDryRun: Bool
  let fieldManager: String
  let hasFieldManager: Bool
  let fieldValidation: FieldValidation
  let force: Bool

  init(_ request: KubeRequest) throws(APIStatusError) {
    switch request.parameter("dryRun") {
    case nil, "": isDryRun = false
    case "All": isDryRun = true
    case let other?:
      throw .invalid(
        kind: "PatchOptions", group: "meta.k8s.io", name: "",
        [
          FieldError(
            .notSupported, "dryRun", value: .array([.string(other)]), "supported values: \"All\"")
        ])
    }
    let named = request.parameter("fieldManager") ?? ""
    hasFieldManager = !named.isEmpty
    fieldManager = hasFieldManager ? named : Self.manager(of: request.userAgent)
    fieldValidation =
      FieldValidation(rawValue: request.parameter("fieldValidation") ?? "") ?? .warn
    force = request.isSet("force")
  }

  /// As the API server does without a `fieldManager`: what stands before the slash.
  private static func manager(of userAgent: String) -> String {
    let name = userAgent.prefix { $0 != "/" }
    return name.isEmpty ? "unknown" : String(name)
  }
}
