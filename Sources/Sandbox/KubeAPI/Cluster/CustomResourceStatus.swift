import JSONValue

/// What the API server fills into a CustomResourceDefinition: names, and the conditions that say it
/// is served.
enum CustomResourceStatus {
  static func complete(_ crd: inout JSONValue, previous: JSONValue?, now: KubeTime) {
    let kind = crd.value(at: "spec", "names", "kind")?.stringValue ?? ""
    if crd.value(at: "spec", "names", "singular")?.stringValue ?? "" == "" {
      crd.set(.string(kind.lowercased()), at: ["spec", "names", "singular"])
    }
    if crd.value(at: "spec", "names", "listKind")?.stringValue ?? "" == "" {
      crd.set(.string("\(kind)List"), at: ["spec", "names", "listKind"])
    }
    if crd.value(at: "spec", "conversion") == nil {
      crd.set(["strategy": "None"], at: ["spec", "conversion"])
    }
    crd.set(crd.value(at: "spec", "names"), at: ["status", "acceptedNames"])
    let versions = crd.value(at: "spec", "versions")?.arrayValue ?? []
    var stored = previous?.value(at: "status", "storedVersions")?.arrayValue ?? []
    for version in versions where version["storage"] == true {
      if let name = version["name"], !stored.contains(name) { stored.append(name) }
    }
    crd.set(.array(stored), at: ["status", "storedVersions"])
    if let conditions = previous?.value(at: "status", "conditions") {
      crd.set(conditions, at: ["status", "conditions"])
    } else {
      crd.set(
        .array([
          condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
          condition(
            "Established", "InitialNamesAccepted", "the initial names have been accepted", now),
        ]), at: ["status", "conditions"])
    }
  }

  private static func condition(
    _ type: String, _ reason: String, _ message: String, _ now: KubeTime
  ) -> JSONValue {
    [
      "type": .string(type), "status": "True", "lastTransitionTime": .string(now.text),
      "reason": .string(reason), "message": .string(message),
    ]
  }
}
