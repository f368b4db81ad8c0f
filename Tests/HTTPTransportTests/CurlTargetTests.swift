import Testing

@testable import HTTPTransport

struct CurlTargetTests {
  @Test(arguments: [
    ("https://a.example/x?y#z", "a.example", "443"), ("http://a.example", "a.example", "80"),
    ("https://[::1]:6443/api", "[::1]", "6443"), ("http://127.0.0.1:8080?q", "127.0.0.1", "8080"),
    ("https://[::1]/api", "[::1]", "443"),
  ])
  func hostAndPortAreTakenApart(url: String, host: String, port: String) {
    let target = CurlTarget(url: url)
    #expect(target?.host == host)
    #expect(target?.port == port)
  }

  @Test(arguments: [
    "", "a.example/x", "ftp://a.example", "https://", "http://u:p@h/", "http://h/a b",
  ])
  func whatIsNoPlainHTTPURLIsRefused(url: String) {
    #expect(CurlTarget(url: url) == nil)
  }

  @Test func theHostIsReplacedByTheNameThatTheCertificateCarries() {
    let target = CurlTarget(url: "https://10.0.0.1:6443/api?x=1")
    #expect(target?.url(servedAs: "kubernetes") == "https://kubernetes:6443/api?x=1")
    #expect(target?.authority == "10.0.0.1:6443")
  }
}
