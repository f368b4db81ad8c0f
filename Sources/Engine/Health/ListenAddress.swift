package import Hummingbird
package import Logging

/// Where one of our servers listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Reads `0.0.0.0:8080`, `[::]:8080` or `:8080`; nil for anything else.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    self.host = host.isEmpty ? "0.0.0.0" : host
    self.port = port
  }

  /// A server here, as a service; it ends with its service group.
  ///
  /// - Parameter listening: told the port, which matters where port 0 was asked for.
  package func server(
    _ router: Router<BasicRequestContext>, logger: Logger,
    listening: @escaping @Sendable (Int) async -> Void
  ) -> some ApplicationProtocol {
    var quiet = logger
    // It reports its own end as an error; what matters is thrown.
    quiet.logLevel = .critical
    return Application(
      router: router, configuration: .init(address: .hostname(host, port: port)),
      onServerRunning: { channel in await listening(channel.localAddress?.port ?? port) },
      logger: quiet)
  }
}
