import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The status page: `/` is one HTML file, `/events` tells it the state as server-sent events.
///
/// It has no login and shows nothing secret; it only reads. What a browser may do with it is bound by
/// a Content-Security-Policy: its own style and script, and requests to its own address.
package struct StatusPage: Sendable {
  private let feed: StatusFeed
  private let nonce: @Sendable () -> String

  /// Makes the page of a feed, which has to `run`.
  ///
  /// - Parameter nonce: a new unguessable text for each answer.
  package init(feed: StatusFeed, nonce: @escaping @Sendable () -> String = Self.randomNonce) {
    self.feed = feed
    self.nonce = nonce
  }

  /// 128 bits of the system's randomness in hexadecimal.
  package static func randomNonce() -> String {
    String(UInt128.random(in: .min ... .max), radix: 16)
  }

  /// Adds the two routes.
  func addRoutes(to router: Router<BasicRequestContext>) {
    router.get("/") { _, _ in page() }
    router.get("events") { _, _ in events() }
  }

  private func page() -> Response {
    let nonce = nonce()
    let text = String(decoding: PackageResources.page_html, as: UTF8.self)
      .split(separator: "@NONCE@", omittingEmptySubsequences: false).joined(separator: nonce)
    var headers = Self.headers(type: "text/html; charset=utf-8")
    headers[.contentSecurityPolicy] = """
      default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; \
      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
      require-trusted-types-for 'script'
      """
    return Response(
      status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  private func events() -> Response {
    let viewing: StatusFeed.Viewing
    do { viewing = try feed.join() } catch {
      var headers = Self.headers(type: "text/plain; charset=utf-8")
      headers[.retryAfter] = "10"
      let text =
        switch error {
        case .tooManyViewers(let maximum):
          "\(maximum) viewers look at this page already; close one, or come again later\n"
        case .ending: "the provider is ending\n"
        }
      return Response(
        status: .serviceUnavailable, headers: headers,
        body: .init(byteBuffer: ByteBuffer(string: text)))
    }
    let feed = feed
    return Response(
      status: .ok, headers: Self.headers(type: "text/event-stream"),
      body: ResponseBody { writer in
        defer { feed.leave(viewing) }
        // A stream has no end of its own and must not keep the server from ending.
        for await frame in viewing.frames.cancelOnGracefulShutdown() {
          try await writer.write(ByteBuffer(bytes: frame))
        }
        try await writer.finish(nil)
      })
  }

  private static func headers(type: String) -> HTTPFields {
    var headers: HTTPFields = [
      .contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
    ]
    for (name, value) in [
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }
}
