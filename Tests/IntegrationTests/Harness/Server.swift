/// The two API servers that must be indistinguishable to the provider and to kubectl.
enum Server: String, CaseIterable, Sendable, CustomStringConvertible {
  case kubeAPIServer = "a real kube-apiserver"
  case sandbox = "the sandbox's API server"

  var description: String { rawValue }
}
