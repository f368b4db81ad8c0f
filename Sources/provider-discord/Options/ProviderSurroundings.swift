import Engine

/// Where the provider runs, as far as its defaults differ.
enum ProviderSurroundings {
  /// A cluster's pod: the kubelet and Prometheus reach it from elsewhere, and a NetworkPolicy keeps
  /// others away.
  case cluster
  /// Somebody's own machine, to whose network nothing is offered unasked.
  case sandbox

  var listen: ListenAddress {
    switch self {
    case .cluster: ListenAddress(host: "0.0.0.0", port: 8080)
    case .sandbox: ListenAddress(host: "127.0.0.1", port: 8080)
    }
  }

  var showsStatusPage: Bool { self == .sandbox }
}
