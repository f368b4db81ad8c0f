import KubeWatch

extension RunbookWorldOptions {
  /// The way to the cluster, for what cannot do without one.
  func access() throws -> ClusterAccess {
    try ClusterAccess.automatic(
      kubeconfigFlag: kubeconfig ?? EnvironmentDefault.optional("kubeconfig"),
      context: context ?? EnvironmentDefault.optional("context"))
  }
}
