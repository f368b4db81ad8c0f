import JSONValue

/// The resources that are there without a CRD: what a provider, its chart and kubectl touch.
enum BuiltInResources {
  static let all: [ResourceDefinition] =
    core + workload + configuration + accessControl + reviews

  private static let core: [ResourceDefinition] = [
    make(
      "", "v1", "Namespace", "namespaces", ["ns"], isNamespaced: false, hasStatus: true,
      behaviour: .namespace,
      columns: [
        .name, PrinterColumn("Status", ".status.phase", detail: "The status of the namespace"),
        .age,
      ]),
    make(
      "", "v1", "Secret", "secrets", behaviour: .secret,
      columns: [
        .name, PrinterColumn("Type", ".type"),
        PrinterColumn("Data", type: "string", cell: .count(["data"])), .age,
      ]),
    make(
      "", "v1", "ConfigMap", "configmaps", ["cm"],
      columns: [.name, PrinterColumn("Data", type: "string", cell: .count(["data"])), .age]),
    make("", "v1", "Event", "events", ["ev"], columns: eventColumns),
    make(
      "", "v1", "ServiceAccount", "serviceaccounts", ["sa"],
      columns: [
        .name, PrinterColumn("Secrets", type: "string", cell: .count(["secrets"])), .age,
      ]),
    make(
      "", "v1", "Pod", "pods", ["po"], ["all"], hasStatus: true,
      columns: [
        .name,
        PrinterColumn(
          "Ready", cell: .ratio(["status", "readyContainers"], ["spec", "containers"])),
        PrinterColumn("Status", ".status.phase"),
        PrinterColumn("Restarts", ".status.restarts"), .age,
        PrinterColumn("Node", ".spec.nodeName", priority: 1),
      ]),
    make(
      "", "v1", "Service", "services", ["svc"], ["all"], hasStatus: true,
      columns: [
        .name, PrinterColumn("Type", ".spec.type"),
        PrinterColumn("Cluster-IP", ".spec.clusterIP"),
        PrinterColumn("Port(s)", ".spec.ports[*].port"), .age,
      ]),
    make(
      "apps", "v1", "Deployment", "deployments", ["deploy"], ["all"], hasStatus: true,
      columns: [
        .name,
        PrinterColumn("Ready", cell: .ratio(["status", "readyReplicas"], ["spec", "replicas"])),
        PrinterColumn("Up-to-date", ".status.updatedReplicas"),
        PrinterColumn("Available", ".status.availableReplicas"), .age,
      ]),
    make(
      "coordination.k8s.io", "v1", "Lease", "leases",
      columns: [.name, PrinterColumn("Holder", ".spec.holderIdentity"), .age]),
  ]

  /// What runbooks look at besides: where the provider runs, and what it uses.
  private static let workload: [ResourceDefinition] = [
    make(
      "", "v1", "Node", "nodes", ["no"], isNamespaced: false, hasStatus: true,
      columns: [
        .name, PrinterColumn("Version", ".status.nodeInfo.kubeletVersion"), .age,
      ]),
    make(
      "apps", "v1", "ReplicaSet", "replicasets", ["rs"], ["all"], hasStatus: true,
      columns: [
        .name, PrinterColumn("Desired", ".spec.replicas"),
        PrinterColumn("Current", ".status.replicas"),
        PrinterColumn("Ready", ".status.readyReplicas"), .age,
      ]),
    make(
      "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", ["netpol"],
      columns: [.name, .age]),
    make("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", columns: [.name, .age]),
    make(
      "metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", isNamespaced: false,
      columns: [.name, .age]),
  ]

  private static let configuration: [ResourceDefinition] = [
    make(
      "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions",
      ["crd", "crds"], ["api-extensions"], isNamespaced: false, hasStatus: true,
      behaviour: .customResourceDefinition,
      columns: [.name, PrinterColumn("Created At", ".metadata.creationTimestamp")])
  ]

  private static let accessControl: [ResourceDefinition] = [
    make("rbac.authorization.k8s.io", "v1", "Role", "roles", columns: roleColumns),
    make(
      "rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", columns: bindingColumns),
    make(
      "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", isNamespaced: false,
      columns: roleColumns),
    make(
      "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings",
      isNamespaced: false, columns: bindingColumns),
  ]

  private static let reviews: [ResourceDefinition] = [
    review("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
    review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews"),
    review("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
    review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
  ]

  private static let roleColumns: [PrinterColumn] = [
    .name, PrinterColumn("Created At", ".metadata.creationTimestamp"),
  ]

  private static let bindingColumns: [PrinterColumn] = [
    .name, PrinterColumn("Role", cell: .roleReference), .age,
  ]

  private static let eventColumns: [PrinterColumn] = [
    PrinterColumn("Last Seen", cell: .eventLastSeen), PrinterColumn("Type", ".type"),
    PrinterColumn("Reason", ".reason"), PrinterColumn("Object", cell: .involvedObject),
    PrinterColumn("Subobject", ".involvedObject.fieldPath", priority: 1),
    PrinterColumn("Source", priority: 1, cell: .eventSource),
    PrinterColumn("Message", ".message"),
    PrinterColumn("First Seen", ".firstTimestamp", type: "date", priority: 1),
    PrinterColumn("Count", ".count", type: "integer", priority: 1),
    PrinterColumn("Name", ".metadata.name", priority: 1),
  ]

  private static func make(
    _ group: String, _ version: String, _ kind: String, _ plural: String,
    _ shortNames: [String] = [], _ categories: [String] = [], isNamespaced: Bool = true,
    hasStatus: Bool = false, behaviour: ResourceDefinition.Behaviour = .plain,
    columns: [PrinterColumn]
  ) -> ResourceDefinition {
    ResourceDefinition(
      group: group, plural: plural, singular: kind.lowercased(), kind: kind,
      listKind: "\(kind)List", shortNames: shortNames, categories: categories,
      isNamespaced: isNamespaced,
      versions: [
        .init(
          name: version, schema: BuiltInSchemas.all[kind].map(SchemaNode.init), columns: columns,
          hasStatus: hasStatus)
      ], storageVersion: version, behaviour: behaviour)
  }

  private static func review(
    _ group: String, _ kind: String, _ plural: String
  ) -> ResourceDefinition {
    make(group, "v1", kind, plural, isNamespaced: false, behaviour: .review, columns: [.name])
  }
}
