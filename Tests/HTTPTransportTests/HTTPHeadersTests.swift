import Testing

@testable import HTTPTransport

struct HTTPHeadersTests {
  @Test func aFieldIsFoundWhateverItsCase() {
    let headers: HTTPHeaders = ["Content-Type": "application/json", "X-Empty": ""]
    #expect(headers["content-type"] == "application/json")
    #expect(headers["x-empty"] == "")
    #expect(headers["Content"] == nil)
    #expect(headers["Content-Type2"] == nil)
  }

  @Test func duplicatesAreKeptInOrderAndSettingReplacesThem() {
    var headers = HTTPHeaders([("a", "1"), ("b", "2")])
    headers.add("A", "3")
    #expect(headers.map { "\($0.name)=\($0.value)" } == ["a=1", "b=2", "A=3"])
    headers["a"] = "4"
    #expect(headers.map { "\($0.name)=\($0.value)" } == ["b=2", "a=4"])
    headers["a"] = nil
    #expect(headers["a"] == nil)
  }

  @Test(arguments: [
    ("X", "a\r\nEvil: b"), ("X", "a\nb"), ("X", "a\u{0}"), ("X Y", "a"), ("", "a"), ("X:", "a"),
  ])
  func whatCouldForgeAFieldMakesTheHeadersInvalid(name: String, value: String) {
    var headers: HTTPHeaders = ["ok": "1"]
    headers.add(name, value)
    #expect(!headers.isValid)
    #expect(headers.map(\.name) == ["ok"])
  }

  @Test func receivedLinesAreTrimmed() {
    var headers = HTTPHeaders()
    for line in ["Retry-After:  7 \r\n", "Empty:\r\n", "no field\r\n"] {
      let bytes = Array(line.utf8)
      headers.add(receivedLine: bytes.span)
    }
    #expect(headers["retry-after"] == "7")
    #expect(headers["empty"] == "")
    #expect(headers.map(\.name) == ["Retry-After", "Empty"])
  }
}
