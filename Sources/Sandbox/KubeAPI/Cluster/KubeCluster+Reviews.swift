import JSONValue

extension KubeCluster {
  /// Answers access reviews: in the sandbox everybody may do everything.
  func review(
    _ target: ResourceTarget, _ request: KubeRequest
  ) throws(APIStatusError) -> KubeReply {
    var object = try RequestBodyReader.value(request)
    try check(object, for: target)
    let rules: JSONValue = [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]]
    switch target.definition.kind {
    case "SelfSubjectRulesReview":
      object["status"] = [
        "resourceRules": rules,
        "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]], "incomplete": false,
      ]
    case "SelfSubjectReview":
      object["status"] = [
        "userInfo": ["username": "sandbox", "groups": ["system:masters", "system:authenticated"]]
      ]
    default:
      object["status"] = ["allowed": true, "reason": "the sandbox allows everything"]
    }
    return KubeReply(status: 201, object)
  }
}
