/// The text of a kubeconfig file with one cluster, one user and one context, all called `sandbox`.
enum Kubeconfig {
  static func text(server: String, token: String?, namespace: String) -> String {
    let user = token.map { "\n    token: \"\($0)\"" } ?? " {}"
    return """
      apiVersion: v1
      kind: Config
      current-context: sandbox
      clusters:
      - name: sandbox
        cluster:
          server: \(server)
      contexts:
      - name: sandbox
        context:
          cluster: sandbox
          namespace: \(namespace)
          user: sandbox
      users:
      - name: sandbox
        user:\(user)

      """
  }
}
