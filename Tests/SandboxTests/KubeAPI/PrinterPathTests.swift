import JSONValue
import Testing

@testable import Sandbox

@Suite struct PrinterPathTests {
  private let object: JSONValue = [
    "metadata": ["annotations": ["crossplane.io/external-name": "42"]],
    "status": [
      "conditions": [["type": "Synced", "status": "False"], ["type": "Ready", "status": "True"]]
    ], "list": [1, 2, 3],
  ]

  @Test(arguments: [
    (#".metadata.annotations.crossplane\.io/external-name"#, "42"),
    (".metadata.annotations['crossplane.io/external-name']", "42"),
    (".status.conditions[?(@.type=='Ready')].status", "True"),
    (#".status.conditions[?(@.type=="Synced")].status"#, "False"),
    (".status.conditions[?(@.type!='Ready')].status", "False"),
    (".status.conditions[*].type", "Synced Ready"), (".list[0]", "1"), (".list[-1]", "3"),
    ("{.list[1]}", "2"), (".nothing.here", ""),
  ])
  func leadsToTheValue(path: String, text: String) throws {
    let results = try PrinterPath(parsing: path).results(in: object)
    #expect(
      results.map { $0.stringValue ?? $0.serializedText() }.joined(separator: " ") == text)
  }

  @Test(arguments: ["status", ".a[", ".a[?(x)]"])
  func refusesWhatIsNoPath(path: String) {
    #expect(throws: PrinterPath.ParseError.self) { try PrinterPath(parsing: path) }
  }
}
