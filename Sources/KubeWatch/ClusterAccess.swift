import Glibc
package import HTTPTransport

/// Why the way to a cluster could not be found; the message says what to do.
package struct AccessError: Error, Sendable, CustomStringConvertible {
  package let message: String
  package init(_ message: String) { self.message = message }
  package var description: String { message }
}

/// Where an API server is and how to be let in.
package struct ClusterAccess: Sendable {
  /// `https://HOST:PORT`, with a path if the server has one, without a slash at its end.
  package var server: String
  package var tls: TLSSettings
  package var token: BearerToken?
  /// The context's namespace, or the pod's own.
  package var namespace: String
  /// The kubeconfig's context, for people; nil in a pod.
  package var context: String?

  package init(
    server: String, tls: TLSSettings = .init(), token: BearerToken? = nil,
    namespace: String = "default", context: String? = nil
  ) {
    self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
    self.tls = tls
    self.token = token
    self.namespace = namespace
    self.context = context
  }

  /// Host and port of the server, as they stand in its URL.
  package var host: String {
    let rest = server.firstRange(of: "://").map { server[$0.upperBound...] } ?? server[...]
    return String(rest.prefix { $0 != "/" })
  }

  /// Where Kubernetes mounts a pod's credentials.
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The way from inside a pod.
  package static func inCluster(
    environment: [String: String]? = nil, folder: String = serviceAccountFolder
  ) throws(AccessError) -> ClusterAccess {
    func variable(_ name: String) -> String? { value(of: name, in: environment) }
    guard let host = variable("KUBERNETES_SERVICE_HOST"),
      let port = variable("KUBERNETES_SERVICE_PORT"), !host.isEmpty, !port.isEmpty
    else {
      throw AccessError(
        "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
    }
    let namespace =
      (try? FileBytes.read("\(folder)/namespace"))
      .map { String(decoding: $0, as: UTF8.self) } ?? "default"
    return ClusterAccess(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
      tls: TLSSettings(certificateAuthority: try FileBytes.read("\(folder)/ca.crt")),
      token: try BearerToken(file: "\(folder)/token"), namespace: namespace)
  }

  /// The first of: the file of `--kubeconfig`, the files of `$KUBECONFIG`, the pod's own
  /// credentials, `~/.kube/config`.
  ///
  /// - Parameter environment: nil for that of the process.
  package static func automatic(
    kubeconfigFlag: String?, context: String? = nil, environment: [String: String]? = nil
  ) throws(AccessError) -> ClusterAccess {
    if let kubeconfigFlag { return try kubeconfig(path: kubeconfigFlag, context: context) }
    if let list = value(of: "KUBECONFIG", in: environment), !list.isEmpty {
      let files = list.split(separator: ":").map(String.init).filter(FileBytes.exists)
      guard !files.isEmpty else {
        throw AccessError("none of the files of $KUBECONFIG exists: \(list)")
      }
      return try Kubeconfig(files: files).access(context: context)
    }
    if context == nil, FileBytes.exists("\(serviceAccountFolder)/token"),
      value(of: "KUBERNETES_SERVICE_HOST", in: environment) != nil
    {
      return try inCluster(environment: environment)
    }
    guard let home = value(of: "HOME", in: environment),
      FileBytes.exists("\(home)/.kube/config")
    else {
      throw AccessError(
        "no cluster: give --kubeconfig FILE, set KUBECONFIG, or run in a pod that has a"
          + " service account")
    }
    return try kubeconfig(path: "\(home)/.kube/config", context: context)
  }

  /// The way that a kubeconfig file describes.
  ///
  /// - Parameter context: nil for the file's `current-context`.
  package static func kubeconfig(
    path: String, context: String? = nil
  ) throws(AccessError) -> ClusterAccess {
    try Kubeconfig(files: [path]).access(context: context)
  }

  private static func value(of name: String, in environment: [String: String]?) -> String? {
    if let environment { return environment[name] }
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(cString: text)
  }
}
