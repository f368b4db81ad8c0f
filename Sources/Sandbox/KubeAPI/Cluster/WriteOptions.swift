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
    isDryRun =
      request.method == "DELETE"
      ? try DeleteOptions(request).isDryRun
      : try Self.isDryRun([request.parameter("dryRun") ?? ""], kind: "PatchOptions")
    let named = request.parameter("fieldManager") ?? ""
    hasFieldManager = !named.isEmpty
    fieldManager = hasFieldManager ? named : Self.manager(of: request.userAgent)
    fieldValidation =
      FieldValidation(rawValue: request.parameter("fieldValidation") ?? "") ?? .warn
    force = request.isSet("force")
  }

  /// Whether the values of `dryRun` say so.
  static func isDryRun(_ stages: [String], kind: String) throws(APIStatusError) -> Bool {
    let named = stages.filter { !$0.isEmpty }
    if let other = named.first(where: { $0 != "All" }) {
      throw .invalid(
        kind: kind, group: "meta.k8s.io", name: "",
        [
          FieldError(
            .notSupported, "dryRun", value: .array([.string(other)]), "supported values: \"All\"")
        ])
    }
    return !named.isEmpty
  }

  /// As the API server does without a `fieldManager`: what stands before the slash.
  private static func manager(of userAgent: String) -> String {
    let name = userAgent.prefix { $0 != "/" }
    return name.isEmpty ? "unknown" : String(name)
  }
}
