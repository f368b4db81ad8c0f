import HTTPTransport
package import JSONValue

/// Probes of the network as runbooks get their answers: from the command line, and from inside the
/// provider through its admin server.
package enum NetworkProbe {
  /// What is to be probed, and how.
  package enum Target: Sendable, Hashable {
    case dns(host: String)
    case tcp(host: String, port: Int)
    case tls(host: String, port: Int)
    case http(url: String)

    /// The host that is touched; it must be on the list of those that may be.
    package var host: String {
      switch self {
      case .dns(let host), .tcp(let host, _), .tls(let host, _): host
      case .http(let url): NetworkProbe.host(of: url) ?? ""
      }
    }

    /// The port that is touched; nil where none is.
    package var port: Int? {
      switch self {
      case .dns: nil
      case .tcp(_, let port), .tls(_, let port): port
      case .http(let url): NetworkProbe.port(of: url)
      }
    }

    /// Reads the members of an effect, or of a request to the admin server.
    ///
    /// - Parameter kind: `dns`, `tcp`, `tls` or `http`.
    package init?(kind: String, _ value: JSONValue) {
      switch kind {
      case "dns":
        guard let host = value["host"]?.stringValue, NetworkProbe.isHost(host) else { return nil }
        self = .dns(host: host)
      case "tcp", "tls":
        guard let host = value["host"]?.stringValue, NetworkProbe.isHost(host),
          let port = value["port"]?.integerValue, (1...65_535).contains(port)
        else { return nil }
        self = kind == "tcp" ? .tcp(host: host, port: Int(port)) : .tls(host: host, port: Int(port))
      case "http":
        guard let url = value["url"]?.stringValue, let host = NetworkProbe.host(of: url),
          NetworkProbe.isHost(host), url.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        self = .http(url: url)
      default: return nil
      }
    }
  }

  /// The most of a body that `look` keeps.
  private static let mostBodyBytes = 64 << 10

  /// Probes; what is broken is an answer with `ok = false`.
  ///
  /// - Parameter keepsBody: whether the JSON of an HTTP answer is in `body`, up to 64 KiB of it.
  package static func look(
    at target: Target, timeout: Duration, keepsBody: Bool = false
  ) async -> JSONValue {
    switch target {
    case .dns(let host): await dns(host)
    case .tcp(let host, let port):
      shared(
        await ConnectionProbe.look(
          at: "http://\(bracketed(host)):\(port)/", .connect, timeout: timeout))
    case .tls(let host, let port): await tls(host, port, timeout)
    case .http(let url):
      http(
        await ConnectionProbe.look(
          at: url, .get, timeout: timeout, bodyBytes: keepsBody ? Self.mostBodyBytes : 0), url,
        keepsBody: keepsBody)
    }
  }

  private static func dns(_ host: String) async -> JSONValue {
    let began = ContinuousClock.now
    let found = await ConnectionProbe.resolve(host)
    let milliseconds = JSONValue.integer((ContinuousClock.now - began).inMilliseconds)
    switch found {
    case .success(let addresses):
      return [
        "ok": .bool(!addresses.isEmpty), "addresses": .array(addresses.map { .string($0) }),
        "ms": milliseconds,
      ]
    case .failure(let error):
      return ["ok": false, "addresses": [], "error": .string(error.message), "ms": milliseconds]
    }
  }

  private static func tls(_ host: String, _ port: Int, _ timeout: Duration) async -> JSONValue {
    let url = "https://\(bracketed(host)):\(port)/"
    let sight = await ConnectionProbe.look(at: url, .connect, timeout: timeout)
    var certificates = sight.certificates
    // A chain that is refused is not shown; a second look that accepts anything sees it.
    if sight.failure == .tls, certificates.isEmpty {
      certificates = await ConnectionProbe.look(
        at: url, .connect, verifies: false, timeout: timeout
      ).certificates
    }
    var result = shared(sight)
    if sight.failure == .tls { result["error"] = .string(sight.message) }
    guard let first = certificates.first else { return result }
    result["subject"] = .string(first.subject)
    result["issuer"] = .string(first.issuer)
    result["not_before"] = CertificateTime.json(first.notBefore)
    result["not_after"] = CertificateTime.json(first.notAfter)
    result["chain"] = .array(
      certificates.map {
        [
          "subject": .string($0.subject), "issuer": .string($0.issuer),
          "not_after": CertificateTime.json($0.notAfter) ?? "",
        ]
      })
    return result
  }

  private static func http(
    _ sight: ConnectionProbe.Sight, _ url: String, keepsBody: Bool
  ) -> JSONValue {
    var result = shared(sight)
    result["status"] = sight.status.map { .integer(Int64($0)) }
    if keepsBody { result["body"] = sight.body.flatMap { try? JSONValue(parsing: $0) } }
    if let failure = sight.failure {
      result["layer"] = .string(layer(of: failure, sight, isTLS: url.hasPrefix("https:")))
    } else if (sight.status ?? 0) >= 500 {
      result["ok"] = false
      result["layer"] = "http"
      result["error"] = .string("status \(sight.status ?? 0)")
    }
    return result
  }

  private static func layer(
    of failure: TransportError.Kind, _ sight: ConnectionProbe.Sight, isTLS: Bool
  ) -> String {
    switch failure {
    case .cannotResolve: "dns"
    case .cannotConnect: "tcp"
    case .tls: "tls"
    default:
      sight.resolved == 0
        ? "dns" : sight.connected == 0 ? "tcp" : isTLS && sight.secured == 0 ? "tls" : "http"
    }
  }

  private static func shared(_ sight: ConnectionProbe.Sight) -> JSONValue {
    var result: JSONValue = [
      "ok": .bool(sight.failure == nil), "ms": .integer(Int64((sight.total * 1000).rounded())),
    ]
    if !sight.address.isEmpty { result["address"] = .string(sight.address) }
    if let failure = sight.failure { result["error"] = .string(word(failure, sight)) }
    return result
  }

  private static func word(_ failure: TransportError.Kind, _ sight: ConnectionProbe.Sight) -> String
  {
    switch failure {
    case .cannotResolve: "dns"
    case .timedOut: "timeout"
    case .cannotConnect:
      // ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT of Linux.
      switch sight.systemError {
      case 111: "refused"
      case 101, 113: "unreachable"
      case 110: "timeout"
      default: sight.message
      }
    case .connectionLost: "reset"
    default: sight.message
    }
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }

  static func isHost(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
          || [45, 46, 58, 95].contains($0)
      }
  }

  /// The port of a URL that has a host, or its scheme's.
  package static func port(of url: String) -> Int {
    let standard = url.hasPrefix("http://") ? 80 : 443
    guard let start = url.firstRange(of: "://")?.upperBound else { return standard }
    let authority = url[start...].prefix { !"/?#".contains($0) }
    let end = authority.firstIndex(of: "]") ?? authority.startIndex
    guard let colon = authority[end...].lastIndex(of: ":"),
      let port = Int(authority[authority.index(after: colon)...])
    else { return standard }
    return port
  }

  /// The host of a URL, in lower case and without brackets; nil for what is no plain URL.
  package static func host(of url: String) -> String? {
    guard url.hasPrefix("https://") || url.hasPrefix("http://"),
      let start = url.firstRange(of: "://")?.upperBound
    else { return nil }
    let authority = url[start...].prefix { !"/?#".contains($0) }
    guard !authority.contains("@"), !authority.contains("\\") else { return nil }
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      return authority[authority.index(after: authority.startIndex)..<end].lowercased()
    }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : host.lowercased()
  }
}

/// The times of certificates as OpenSSL writes them.
enum CertificateTime {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Jan  2 03:04:05 2027 GMT` as RFC 3339.
  static func json(_ text: String) -> JSONValue? {
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count >= 4, let month = months.firstIndex(of: parts[0]), let day = Int(parts[1])
    else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return .string("\(parts[3])-\(two(month + 1))-\(two(day))T\(parts[2])Z")
  }
}
