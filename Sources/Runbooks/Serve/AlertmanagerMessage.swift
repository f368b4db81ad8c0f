import Engine
import JSONValue

/// The body of Alertmanager's webhook, version 4 (prometheus/alertmanager, docs/configuration.md,
/// `webhook_config`). Whoever reaches the port may have written it.
package struct AlertmanagerMessage: Sendable, Hashable {
  /// Why a body is none, with the place.
  package struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// The most bytes that a body may have.
  package static let sizeLimit = 1 << 20
  private static let alertLimit = 1_000
  private static let textLimit = 8_192
  private static let memberLimit = 64

  package let alerts: [Alert]
  /// How many alerts Alertmanager left out (`max_alerts`).
  package let truncated: Int

  /// Reads a body.
  package init(parsing body: [UInt8]) throws(Malformed) {
    guard body.count <= Self.sizeLimit else {
      throw Malformed(description: "the body has more than \(Self.sizeLimit) bytes")
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: body)
    } catch {
      throw Malformed(description: "the body is no JSON: \(error)")
    }
    guard value["version"]?.stringValue == "4" else {
      throw Malformed(description: "version: must be \"4\", Alertmanager's webhook")
    }
    guard let list = value["alerts"]?.arrayValue else {
      throw Malformed(description: "alerts: must be an array")
    }
    guard list.count <= Self.alertLimit else {
      throw Malformed(description: "alerts: more than \(Self.alertLimit)")
    }
    var alerts: [Alert] = []
    for (number, element) in list.enumerated() {
      alerts.append(try Self.alert(element, at: "alerts[\(number)]"))
    }
    self.alerts = alerts
    truncated = Int(clamping: value["truncatedAlerts"]?.integerValue ?? 0)
  }

  private static func alert(_ value: JSONValue, at place: String) throws(Malformed) -> Alert {
    func text(_ name: String) throws(Malformed) -> String {
      guard let text = value[name]?.stringValue, !text.isEmpty, text.utf8.count <= textLimit else {
        throw Malformed(
          description: "\(place).\(name): must be a text of at most \(textLimit) bytes")
      }
      return text
    }
    guard let status = Alert.Status(rawValue: try text("status")) else {
      throw Malformed(description: "\(place).status: must be firing or resolved")
    }
    let labels = try texts(value["labels"], at: "\(place).labels")
    guard let name = labels["alertname"], !name.isEmpty else {
      throw Malformed(description: "\(place).labels.alertname: is missing")
    }
    let startsAt = try text("startsAt")
    guard Timestamp(startsAt) != nil else {
      throw Malformed(description: "\(place).startsAt: is no RFC 3339 time")
    }
    return Alert(
      status: status, labels: labels,
      annotations: try texts(value["annotations"] ?? [:], at: "\(place).annotations"),
      startsAt: startsAt, fingerprint: try text("fingerprint"))
  }

  private static func texts(
    _ value: JSONValue?, at place: String
  ) throws(Malformed) -> [String: String] {
    guard let members = value?.objectValue else {
      throw Malformed(description: "\(place): must be an object")
    }
    guard members.count <= memberLimit else {
      throw Malformed(description: "\(place): more than \(memberLimit) members")
    }
    var texts: [String: String] = [:]
    for (name, member) in members {
      guard let text = member.stringValue, text.utf8.count <= textLimit else {
        throw Malformed(
          description: "\(place).\(name.prefix(80)): must be a text of at most \(textLimit) bytes")
      }
      texts[name] = text
    }
    return texts
  }
}
