import CCurl
import Dispatch

/// Looks at one connection layer by layer, for diagnosis. Each call blocks a thread of its own, never
/// one of Swift's cooperative pool.
package enum ConnectionProbe {
  /// How deep to look.
  package enum Depth: Sendable, Hashable {
    /// TCP, and TLS where the URL is `https`.
    case connect
    /// A GET without credentials.
    case get
  }

  /// A certificate of the server's chain.
  package struct Certificate: Sendable, Hashable {
    package let subject: String
    package let issuer: String
    /// As OpenSSL writes it: `Jan  2 03:04:05 2027 GMT`.
    package let notBefore: String
    package let notAfter: String
  }

  /// What was seen.
  package struct Sight: Sendable, Hashable {
    /// Nil when all went well.
    package let failure: TransportError.Kind?
    /// `errno` of a failed connect, or 0.
    package let systemError: Int
    /// libcurl's words.
    package let message: String
    /// Of the answer; nil without one.
    package let status: Int?
    /// The peer's address; empty before there is one.
    package let address: String
    /// Seconds until the name was resolved, TCP connected, TLS agreed, the answer begun; 0 before.
    package let resolved: Double
    package let connected: Double
    package let secured: Double
    package let answered: Double
    package let total: Double
    /// The server's own first.
    package let certificates: [Certificate]
    /// Of the answer, where asked for; nil when there was more than the room for it.
    package let body: [UInt8]?
  }

  /// Connects to a URL.
  ///
  /// - Parameters:
  ///   - verifies: false accepts any certificate, to see one that is bad.
  ///   - authorities: PEM text of what to trust in place of the system's.
  ///   - bodyBytes: how much of the answer's body may be kept.
  package static func look(
    at url: String, _ depth: Depth, verifies: Bool = true, authorities: [UInt8]? = nil,
    timeout: Duration, bodyBytes: Int = 0
  ) async -> Sight {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          returning: look(url, depth, verifies, authorities, timeout, bodyBytes))
      }
    }
  }

  /// The addresses of a host, or the resolver's words.
  package static func resolve(_ host: String) async -> Result<[String], ResolveError> {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var text = [CChar](repeating: 0, count: 4_096)
        let code = unsafe ccurl_resolve(host, &text, text.count)
        guard code == 0 else {
          let message = unsafe String(cString: ccurl_resolve_message(code))
          continuation.resume(returning: .failure(ResolveError(message: message)))
          return
        }
        let addresses = Self.text(text).split(separator: "\n").map(String.init)
        continuation.resume(returning: .success(addresses))
      }
    }
  }

  /// A name without an address.
  package struct ResolveError: Error, Sendable, Hashable {
    package let message: String
  }

  private static func look(
    _ url: String, _ depth: Depth, _ verifies: Bool, _ authorities: [UInt8]?, _ timeout: Duration,
    _ bodyBytes: Int
  ) -> Sight {
    var result = ccurl_probe_result()
    let milliseconds =
      timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000
    let kind = depth == .connect ? CCURL_PROBE_CONNECT : CCURL_PROBE_GET
    let trusted = authorities.map { String(decoding: $0, as: UTF8.self) }
    var certificates = [CChar](repeating: 0, count: 16_384)
    var body = [UInt8](repeating: 0, count: bodyBytes)
    unsafe ccurl_probe(
      url, kind, verifies, trusted, CurlSettings.systemAuthorities, Int(milliseconds), &result,
      &certificates, certificates.count, &body, body.count)
    let code = CURLcode(rawValue: UInt32(result.result))
    return Sight(
      failure: code == CURLE_OK ? nil : TransportError.Kind(curl: code),
      systemError: result.os_error,
      message: code == CURLE_OK
        ? "" : unsafe withUnsafeBytes(of: &result.message) { unsafe Self.text($0) },
      status: result.status == 0 ? nil : result.status,
      address: unsafe withUnsafeBytes(of: &result.address) { unsafe Self.text($0) },
      resolved: result.resolved, connected: result.connected, secured: result.secured,
      answered: result.answered, total: result.total,
      certificates: Self.chain(Self.text(certificates)),
      body: result.body_is_whole ? Array(body.prefix(result.body_length)) : nil)
  }

  private static func chain(_ text: String) -> [Certificate] {
    var fields: [[String: String]] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0]),
        let colon = parts[1].firstIndex(of: ":")
      else { continue }
      while fields.count <= number { fields.append([:]) }
      let value = parts[1][parts[1].index(after: colon)...].drop { $0 == " " }
      fields[number][String(parts[1][..<colon])] = String(value)
    }
    return fields.map {
      Certificate(
        subject: $0["Subject"] ?? "", issuer: $0["Issuer"] ?? "",
        notBefore: $0["Start date"] ?? "", notAfter: $0["Expire date"] ?? "")
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
