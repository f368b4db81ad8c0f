/// How `https` connections of one transport are secured. All material is PEM text.
package struct TLSSettings: Sendable, Hashable {
  /// The only certificates to trust; nil trusts those of the system.
  package var certificateAuthority: [UInt8]?
  package var clientCertificate: [UInt8]?
  package var clientKey: [UInt8]?
  /// False accepts any certificate of any host.
  package var verifiesPeer: Bool
  /// The name that the certificate must carry, in place of the URL's host.
  package var serverName: String?

  package init(
    certificateAuthority: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
    clientKey: [UInt8]? = nil, verifiesPeer: Bool = true, serverName: String? = nil
  ) {
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.verifiesPeer = verifiesPeer
    self.serverName = serverName
  }
}

extension TLSSettings: CustomStringConvertible {
  /// Which parts are set; never the key itself.
  package var description: String {
    let parts = [
      certificateAuthority.map { _ in "own authority" },
      clientCertificate.map { _ in "client certificate" }, verifiesPeer ? nil : "not verified",
      serverName.map { "served as \($0)" },
    ]
    return "TLS(\(parts.compactMap { $0 }.joined(separator: ", ")))"
  }
}
