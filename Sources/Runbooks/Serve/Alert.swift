package import JSONValue

/// One alert as Alertmanager's webhook tells of it.
package struct Alert: Sendable, Hashable {
  /// What Alertmanager says of it.
  package enum Status: String, Sendable, Hashable {
    case firing, resolved
  }

  package let status: Status
  package let labels: [String: String]
  package let annotations: [String: String]
  /// When it began, RFC 3339, as it came.
  package let startsAt: String
  /// Alertmanager's hash of the labels.
  package let fingerprint: String

  /// Makes an alert.
  package init(
    status: Status, labels: [String: String], annotations: [String: String] = [:],
    startsAt: String, fingerprint: String
  ) {
    self.status = status
    self.labels = labels
    self.annotations = annotations
    self.startsAt = startsAt
    self.fingerprint = fingerprint
  }

  /// The rule's name.
  package var name: String { labels["alertname"] ?? "" }

  /// Alertmanager sends an alert again and again; this says that it is the same.
  var identity: String { "\(status.rawValue) \(fingerprint) \(startsAt) \(name)" }

  /// As a runbook gets it.
  package var json: JSONValue {
    [
      "status": .string(status.rawValue), "fingerprint": .string(fingerprint),
      "starts_at": .string(startsAt), "labels": .object(labels.mapValues { .string($0) }),
      "annotations": .object(annotations.mapValues { .string($0) }),
    ]
  }
}
