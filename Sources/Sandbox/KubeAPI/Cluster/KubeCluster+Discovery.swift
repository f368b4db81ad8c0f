import JSONValue

extension KubeCluster {
  private var discovery: Discovery { Discovery(definitions.values) }

  func discover(
    _ target: RequestTarget, _ request: KubeRequest
  ) throws(APIStatusError) -> KubeReply {
    guard request.method == "GET" || request.method == "HEAD" else { throw .methodNotAllowed() }
    let discovery = discovery
    if let group = target.group, !(target.isCore && target.version == nil) {
      let versions = discovery.versions(of: group)
      guard let version = target.version else {
        guard !versions.isEmpty else { throw .unknownPath() }
        return KubeReply(discovery.group(group))
      }
      guard versions.contains(version) else { throw .unknownPath() }
      return KubeReply(discovery.resources(group: group, version: version))
    }
    // The client names the versions of the aggregated form that it reads, best first.
    for version in ["v2", "v2beta1"]
    where request.accept.contains("g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList") {
      return KubeReply(
        status: 200,
        contentType: "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList",
        body: discovery.aggregated(core: target.isCore, version: version).serialized())
    }
    return KubeReply(target.isCore ? discovery.coreVersions : discovery.groupList)
  }

  func openAPI(
    _ segments: [String], _ request: KubeRequest
  ) throws(APIStatusError) -> KubeReply {
    let document = OpenAPIDocument(definitions.values)
    switch segments.dropFirst().first {
    case "v2":
      let swagger = document.version2()
      if request.accept.contains("proto-openapi.spec.v2") {
        return KubeReply(
          status: 200, contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
          body: OpenAPIProtobuf.encode(swagger))
      }
      return KubeReply(swagger)
    case "v3":
      let rest = segments.dropFirst(2).joined(separator: "/")
      if rest.isEmpty { return KubeReply(document.version3Index()) }
      guard let file = document.version3(rest) else { throw .unknownPath() }
      return KubeReply(file)
    default: throw .unknownPath()
    }
  }
}
