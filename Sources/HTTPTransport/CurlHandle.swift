import CCurl
import Glibc

/// One reusable libcurl easy handle. Only the loop's thread uses it.
///
/// What is the same for all requests of a transport is set once, so that a request sets only what
/// differs.
@safe final class CurlHandle {
  let easy: OpaquePointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var route: UnsafeMutablePointer<curl_slist>?
  private var serverName: String? { settings.tls.serverName }
  let settings: CurlSettings

  /// The exchange in flight on this handle.
  private(set) var exchange: CurlExchange?

  /// libcurl's own limit of one header is 100 KiB; this one is for all of them.
  static let maximumHeaderBytes = 256 << 10

  init?(settings: CurlSettings, proxyExceptions: String) {
    guard let easy = unsafe curl_easy_init() else { return nil }
    unsafe self.easy = easy
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    self.settings = settings

    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
    unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    unsafe ccurl_set_pointer(easy, CURLOPT_READDATA, context)
    unsafe ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, curlReceivedBody)
    unsafe ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, curlReceivedHeader)
    unsafe ccurl_set_data_callback(easy, CURLOPT_READFUNCTION, curlWantsBody)
    unsafe ccurl_forbid_rewind(easy)
    unsafe ccurl_set_unacknowledged_limit(easy)
    unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    unsafe ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    unsafe ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    unsafe ccurl_set_long(easy, CURLOPT_TCP_KEEPIDLE, 30)
    unsafe ccurl_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
    // Shorter than the 60 s and more after which common servers close an idle connection.
    unsafe ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, 50)
    unsafe ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 16 << 10)
    unsafe ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
    unsafe ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    unsafe ccurl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "")
    unsafe ccurl_set_text(easy, CURLOPT_NOPROXY, proxyExceptions)
    secure(settings.tls)
  }

  deinit {
    unsafe curl_easy_cleanup(easy)
    unsafe curl_slist_free_all(fields)
    unsafe curl_slist_free_all(route)
    unsafe errorText.deallocate()
  }

  private func secure(_ tls: TLSSettings) {
    unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, tls.verifiesPeer ? 1 : 0)
    unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, tls.verifiesPeer ? 2 : 0)
    if let authority = tls.certificateAuthority {
      unsafe authority.withUnsafeBytes {
        _ = unsafe ccurl_set_blob(easy, CURLOPT_CAINFO_BLOB, $0.baseAddress, $0.count)
      }
      // Otherwise the system's certificates would be trusted as well.
      unsafe ccurl_set_text(easy, CURLOPT_CAPATH, nil)
    } else if let file = CurlSettings.systemAuthorities {
      unsafe ccurl_set_text(easy, CURLOPT_CAINFO, file)
    }
    if let certificate = tls.clientCertificate {
      unsafe certificate.withUnsafeBytes {
        _ = unsafe ccurl_set_blob(easy, CURLOPT_SSLCERT_BLOB, $0.baseAddress, $0.count)
      }
    }
    if let key = tls.clientKey {
      unsafe key.withUnsafeBytes {
        _ = unsafe ccurl_set_blob(easy, CURLOPT_SSLKEY_BLOB, $0.baseAddress, $0.count)
      }
    }
  }

  /// Sets up what differs between requests; the message says what cannot be sent.
  func prepare(_ exchange: CurlExchange) -> String? {
    let request = exchange.request
    guard request.headers.isValid else { return "a header field has a forbidden character" }
    guard let target = CurlTarget(url: request.url) else {
      return "the URL is not an absolute http or https URL"
    }
    self.exchange = exchange
    unsafe errorText[0] = 0
    setMethod(request)
    setFields(request.headers, target)
    unsafe ccurl_set_long(
      easy, CURLOPT_HTTP_VERSION, target.isSecure ? ccurl_http_2_over_tls() : ccurl_http_1_1())
    // Wait for a connection that may turn out to multiplex rather than open one for each request.
    unsafe ccurl_set_long(easy, CURLOPT_PIPEWAIT, target.isSecure ? 1 : 0)
    unsafe ccurl_set_long(
      easy, CURLOPT_TIMEOUT_MS, exchange.isStream ? 0 : Self.milliseconds(request.timeout))
    unsafe ccurl_set_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
    let url = serverName.map { target.url(servedAs: $0) } ?? request.url
    guard unsafe ccurl_set_text(easy, CURLOPT_URL, url) == CURLE_OK else {
      return "libcurl refused the URL"
    }
    return nil
  }

  private func setMethod(_ request: HTTPRequest) {
    let hasBody = request.body != nil
    var usualMethod = "GET"
    if hasBody || request.method == "POST" {
      usualMethod = "POST"
      unsafe ccurl_set_long(easy, CURLOPT_POST, 1)
      unsafe ccurl_set_offset(
        easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body?.count ?? 0))
    } else if request.method == "HEAD" {
      usualMethod = "HEAD"
      unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 1)
    } else {
      unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 0)
      unsafe ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
    }
    if usualMethod == request.method {
      unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil)
    } else {
      unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
    // A POST whose body is empty has nothing that could refuse a rewind (see ccurl.c), and libcurl
    // repeats requests on kept connections only.
    let isBare = request.body?.isEmpty ?? (request.method == "POST" || request.method == "PATCH")
    unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, isBare ? 1 : 0)
  }

  private func setFields(_ headers: HTTPHeaders, _ target: CurlTarget) {
    unsafe append(bytes: [UInt8]("Expect:\0".utf8), to: &fields)
    if headers["Content-Type"] == nil {
      // libcurl would call every body a form.
      unsafe append(bytes: [UInt8]("Content-Type:\0".utf8), to: &fields)
    }
    unsafe headers.forEachTerminatedLine { line in
      unsafe fields = curl_slist_append(fields, line)
    }
    if let serverName {
      unsafe append(bytes: Array("Host: \(target.authority)\0".utf8), to: &fields)
      let port = target.port
      let entry = "\(serverName):\(port):\(target.host):\(port)\0"
      unsafe append(bytes: Array(entry.utf8), to: &route)
      unsafe ccurl_set_list(easy, CURLOPT_CONNECT_TO, route)
    }
    unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, fields)
  }

  private func append(bytes: [UInt8], to list: inout UnsafeMutablePointer<curl_slist>?) {
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe list = curl_slist_append(list, buffer.assumingMemoryBound(to: CChar.self).baseAddress)
    }
  }

  /// Forgets the exchange, so that the handle can carry another one.
  func recycle() {
    exchange = nil
    unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, nil)
    unsafe curl_slist_free_all(fields)
    unsafe fields = nil
    if unsafe route != nil {
      unsafe ccurl_set_list(easy, CURLOPT_CONNECT_TO, nil)
      unsafe curl_slist_free_all(route)
      unsafe route = nil
    }
  }

  /// Bytes of requests that left through this handle since its exchange began.
  var requestBytes: Int { Int(unsafe ccurl_get_long(easy, CURLINFO_REQUEST_SIZE)) }
  var status: Int { Int(unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE)) }
  var version: HTTPVersion {
    unsafe ccurl_get_long(easy, CURLINFO_HTTP_VERSION) == ccurl_http_2() ? .http2 : .http1
  }

  /// What libcurl has to say about a failure.
  func message(for code: CURLcode) -> String {
    if unsafe errorText[0] != 0 { return unsafe String(cString: errorText) }
    return unsafe String(cString: curl_easy_strerror(code))
  }

  /// At least 1: libcurl takes 0 for no limit.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < 1 << 20 else { return 1 << 30 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
