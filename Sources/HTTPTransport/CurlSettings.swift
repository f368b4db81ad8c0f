import Glibc

/// What is the same for all requests of one transport.
final class CurlSettings: Sendable {
  let tls: TLSSettings
  let maximumResponseBytes: Int

  init(tls: TLSSettings, maximumResponseBytes: Int) {
    self.tls = tls
    self.maximumResponseBytes = maximumResponseBytes
  }

  /// The file of `SSL_CERT_FILE`, whose authorities count in place of the system's, as OpenSSL and Go
  /// have it. libcurl does not look at it by itself.
  static let systemAuthorities: String? = {
    guard let path = unsafe getenv("SSL_CERT_FILE") else { return nil }
    let text = unsafe String(cString: path)
    return text.isEmpty ? nil : text
  }()
}
