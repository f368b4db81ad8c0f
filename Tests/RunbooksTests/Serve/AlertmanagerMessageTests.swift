import JSONValue
import Runbooks
import Testing

@Suite struct AlertmanagerMessageTests {
  static let alert: JSONValue = [
    "status": "firing", "labels": ["alertname": "ProviderDiscordDown", "severity": "critical"],
    "annotations": ["summary": "down"], "startsAt": "2026-01-01T00:00:00.123Z",
    "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph",
    "fingerprint": "c1a7",
  ]

  static func message(_ alerts: [JSONValue]) -> JSONValue {
    [
      "version": "4", "groupKey": "{}", "status": "firing", "receiver": "runbooks",
      "truncatedAlerts": 2, "alerts": .array(alerts),
    ]
  }

  @Test func whatAlertmanagerSendsIsRead() throws {
    let message = try AlertmanagerMessage(parsing: Self.message([Self.alert]).serialized())
    #expect(message.truncated == 2)
    #expect(
      message.alerts == [
        Alert(
          status: .firing,
          labels: ["alertname": "ProviderDiscordDown", "severity": "critical"],
          annotations: ["summary": "down"], startsAt: "2026-01-01T00:00:00.123Z",
          fingerprint: "c1a7")
      ])
  }

  @Test(
    arguments: [
      (["status"], "odd", "alerts[0].status"),
      (["labels"], 7, "alerts[0].labels: must be an object"),
      (["labels", "alertname"], "", "alertname: is missing"),
      (["labels", "pod"], 7, "alerts[0].labels.pod: must be a text"),
      (["startsAt"], "yesterday", "is no RFC 3339 time"),
      (["fingerprint"], "", "alerts[0].fingerprint"),
      (
        ["annotations", "summary"], .string(String(repeating: "a", count: 9_000)),
        "must be a text of at most"
      ),
    ] as [([String], JSONValue, String)])
  func whatIsWrongWithAnAlertIsNamed(path: [String], value: JSONValue, message: String) {
    var alert = Self.alert
    alert.set(value, at: path)
    let error = #expect(throws: AlertmanagerMessage.Malformed.self) {
      try AlertmanagerMessage(parsing: Self.message([alert]).serialized())
    }
    #expect(error?.description.contains(message) == true)
  }

  @Test(
    arguments: [
      ("version", "3", "version"), ("alerts", "none", "alerts: must be an array"),
    ] as [(String, JSONValue, String)])
  func whatIsWrongWithTheMessageIsNamed(name: String, value: JSONValue, message: String) {
    var body = Self.message([Self.alert])
    body[name] = value
    let error = #expect(throws: AlertmanagerMessage.Malformed.self) {
      try AlertmanagerMessage(parsing: body.serialized())
    }
    #expect(error?.description.contains(message) == true)
  }

  @Test func sizesHaveAnEnd() {
    for bytes in [
      Self.message(Array(repeating: Self.alert, count: 1_001)).serialized(), Array("{".utf8),
      Array(repeating: UInt8(ascii: " "), count: AlertmanagerMessage.sizeLimit + 1),
    ] {
      #expect(throws: AlertmanagerMessage.Malformed.self) {
        try AlertmanagerMessage(parsing: bytes)
      }
    }
  }
}
