/// What is the same for all requests of one transport.
final class CurlSettings: Sendable {
  let tls: TLSSettings
  let maximumResponseBytes: Int

  init(tls: TLSSettings, maximumResponseBytes: Int) {
    self.tls = tls
    self.maximumResponseBytes = maximumResponseBytes
  }
}
