import JSONValue

/// The rules of `metadata`: `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.
enum ObjectMetadataRules {
  private static let members: Set<String> = [
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels",
    "annotations", "ownerReferences", "finalizers", "managedFields", "clusterName",
  ]

  /// Drops members that metadata does not have, and nulls; returns the paths of the former.
  static func prune(_ object: inout JSONValue) -> [String] {
    guard let metadata = object["metadata"]?.objectValue else {
      object["metadata"] = [:]
      return []
    }
    let unknown = metadata.keys.filter { !members.contains($0) }
    var kept = metadata.filter { members.contains($0.key) && !$0.value.isNull }
    for name in ["labels", "annotations"] {
      guard let map = kept[name]?.objectValue else { continue }
      let values = map.filter { !$0.value.isNull }
      kept[name] = values.isEmpty ? nil : .object(values)
    }
    for name in ["finalizers", "ownerReferences"] where kept[name] == .array([]) {
      kept[name] = nil
    }
    object["metadata"] = .object(kept)
    return unknown.sorted().map { "metadata.\($0)" }
  }

  static func errors(
    _ object: JSONValue, anyName: Bool, previous: JSONValue?
  ) -> [FieldError] {
    var errors: [FieldError] = []
    let name = object.metadataName
    if name.isEmpty {
      errors.append(
        FieldError(.required, "metadata.name", "name or generateName is required"))
    } else if anyName ? name.contains("/") || name.contains("%") : !isSubdomain(name) {
      errors.append(
        FieldError(.invalid, "metadata.name", value: .string(name), subdomainRule))
    }
    errors += mapErrors(object)
    for finalizer in object.metadataFinalizers where !isQualifiedName(finalizer) {
      errors.append(
        FieldError(
          .invalid, "metadata.finalizers", value: .string(finalizer), qualifiedNameRule))
    }
    for (position, owner) in object.ownerReferences.enumerated() {
      for member in ["apiVersion", "kind", "name", "uid"]
      where owner[member]?.stringValue ?? "" == "" {
        errors.append(
          FieldError(
            .invalid, "metadata.ownerReferences[\(position)].\(member)", value: "",
            member == "apiVersion" ? "version must not be empty" : "\(member) must not be empty"))
      }
    }
    if let previous, previous.isBeingDeleted {
      let added = object.metadataFinalizers.filter { !previous.metadataFinalizers.contains($0) }
      if !added.isEmpty {
        let list = added.map { "\"\($0)\"" }.joined(separator: ", ")
        errors.append(
          FieldError(
            .forbidden, "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers "
              + "[]string{\(list)}"))
      }
    }
    return errors
  }

  private static func mapErrors(_ object: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    let labels = object.value(at: "metadata", "labels")?.objectValue ?? [:]
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      if !isQualifiedName(key) {
        errors.append(
          FieldError(.invalid, "metadata.labels", value: .string(key), qualifiedNameRule))
      }
      let text = value.stringValue ?? ""
      if text.utf8.count > 63 {
        errors.append(
          FieldError(
            .invalid, "metadata.labels", value: .string(text), "must be no more than 63 characters")
        )
      } else if !SchemaPattern.matches("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", text) {
        errors.append(FieldError(.invalid, "metadata.labels", value: .string(text), labelRule))
      }
    }
    let annotations = object.value(at: "metadata", "annotations")?.objectValue ?? [:]
    for key in annotations.keys.sorted() where !isQualifiedName(key.lowercased()) {
      errors.append(
        FieldError(.invalid, "metadata.annotations", value: .string(key), qualifiedNameRule))
    }
    return errors
  }

  private static func isSubdomain(_ text: String) -> Bool {
    text.utf8.count <= 253
      && SchemaPattern.matches(
        #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#, text)
  }

  private static func isQualifiedName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last, parts.count <= 2, name.utf8.count <= 63,
      SchemaPattern.matches("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$", name)
    else { return false }
    return parts.count == 1 || isSubdomain(parts[0])
  }

  private static let subdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  private static let qualifiedNameRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    + "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    + "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  private static let labelRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    + "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}
