import JSONValue

/// Reads `application/vnd.kubernetes.protobuf`, in which kubectl since 1.32 sends the built-in kinds
/// that it makes itself (`kubectl create secret`). The field numbers are those of the
/// `generated.proto` files of `k8s.io/api` and `k8s.io/apimachinery`.
enum KubernetesProtobuf {
  static let mediaType = "application/vnd.kubernetes.protobuf"

  /// The type of a field.
  private indirect enum Shape: Sendable {
    case text
    case base64
    case number
    case truth
    case time
    case microTime
    case message([UInt64: (String, Shape)])
    case list(Shape)
    case map(Shape)
  }

  private typealias Message = [UInt64: (String, Shape)]

  /// The object in an envelope; nil for a kind that is not known here.
  static func object(_ bytes: [UInt8]) -> JSONValue? {
    guard bytes.starts(with: [0x6B, 0x38, 0x73, 0]) else { return nil }
    var apiVersion = ""
    var kind = ""
    var raw: ArraySlice<UInt8> = []
    var envelope = ProtobufReader(bytes.dropFirst(4))
    while let (field, value) = envelope.next() {
      guard case .bytes(let content) = value else { continue }
      if field == 1 {
        let type = read(content, [1: ("apiVersion", .text), 2: ("kind", .text)])
        apiVersion = type["apiVersion"]?.stringValue ?? ""
        kind = type["kind"]?.stringValue ?? ""
      } else if field == 2 {
        raw = content
      }
    }
    guard let message = messages[kind] else { return nil }
    var object = read(raw, message)
    object["apiVersion"] = .string(apiVersion)
    object["kind"] = .string(kind)
    return object
  }

  private static func read(_ bytes: ArraySlice<UInt8>, _ message: Message) -> JSONValue {
    var result: JSONValue = [:]
    var reader = ProtobufReader(bytes)
    while let (field, value) = reader.next() {
      guard let (name, shape) = message[field] else { continue }
      switch shape {
      case .list(let element):
        result[name] = .array((result[name]?.arrayValue ?? []) + [convert(value, element)])
      case .map(let element):
        guard case .bytes(let content) = value else { continue }
        let entry = read(content, [1: ("key", .text), 2: ("value", element)])
        var map = result[name] ?? [:]
        map[entry["key"]?.stringValue ?? ""] = entry["value"] ?? ""
        result[name] = map
      default:
        let converted = convert(value, shape)
        // Go's encoding writes empty texts; JSON leaves them out.
        if converted != "" || name == "value" { result[name] = converted }
      }
    }
    return result
  }

  private static func convert(_ value: ProtobufReader.Value, _ shape: Shape) -> JSONValue {
    switch (shape, value) {
    case (.text, .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
    case (.base64, .bytes(let bytes)): return .string(Base64Text.encode(Array(bytes)))
    case (.number, .number(let number)): return .integer(Int64(bitPattern: number))
    case (.truth, .number(let number)): return .bool(number != 0)
    case (.message(let message), .bytes(let bytes)): return read(bytes, message)
    case (.time, .bytes(let bytes)), (.microTime, .bytes(let bytes)):
      guard !bytes.isEmpty else { return .null }
      let parts = read(bytes, [1: ("seconds", .number), 2: ("nanos", .number)])
      let seconds = parts["seconds"]?.integerValue ?? 0
      let time = KubeTime(
        microseconds: seconds * 1_000_000 + (parts["nanos"]?.integerValue ?? 0) / 1_000)
      if case .time = shape { return .string(time.text) }
      return .string(time.microText)
    default: return .null
    }
  }

  private static let texts = Shape.list(.text)

  private static let metadata: Shape = .message([
    1: ("name", .text), 2: ("generateName", .text), 3: ("namespace", .text), 5: ("uid", .text),
    6: ("resourceVersion", .text), 8: ("creationTimestamp", .time), 11: ("labels", .map(.text)),
    12: ("annotations", .map(.text)),
    13: (
      "ownerReferences",
      .list(
        .message([
          1: ("kind", .text), 3: ("name", .text), 4: ("uid", .text), 5: ("apiVersion", .text),
          6: ("controller", .truth), 7: ("blockOwnerDeletion", .truth),
        ]))
    ), 14: ("finalizers", texts),
  ])

  private static let reference: Shape = .message([
    1: ("kind", .text), 2: ("namespace", .text), 3: ("name", .text), 4: ("uid", .text),
    5: ("apiVersion", .text), 6: ("resourceVersion", .text), 7: ("fieldPath", .text),
  ])

  private static let rules: Shape = .list(
    .message([
      1: ("verbs", texts), 2: ("apiGroups", texts), 3: ("resources", texts),
      4: ("resourceNames", texts), 5: ("nonResourceURLs", texts),
    ]))

  private static let role: Message = [1: ("metadata", metadata), 2: ("rules", rules)]

  private static let binding: Message = [
    1: ("metadata", metadata),
    2: (
      "subjects",
      .list(
        .message([
          1: ("kind", .text), 2: ("apiGroup", .text), 3: ("name", .text), 4: ("namespace", .text),
        ]))
    ), 3: ("roleRef", .message([1: ("apiGroup", .text), 2: ("kind", .text), 3: ("name", .text)])),
  ]

  private static let accessReview: Message = [
    1: ("metadata", metadata),
    2: (
      "spec",
      .message([
        1: (
          "resourceAttributes",
          .message([
            1: ("namespace", .text), 2: ("verb", .text), 3: ("group", .text),
            4: ("version", .text), 5: ("resource", .text), 6: ("subresource", .text),
            7: ("name", .text),
          ])
        ), 2: ("nonResourceAttributes", .message([1: ("path", .text), 2: ("verb", .text)])),
      ])
    ),
  ]

  private static let event: Message = [
    1: ("metadata", metadata), 2: ("involvedObject", reference), 3: ("reason", .text),
    4: ("message", .text), 5: ("source", .message([1: ("component", .text), 2: ("host", .text)])),
    6: ("firstTimestamp", .time), 7: ("lastTimestamp", .time), 8: ("count", .number),
    9: ("type", .text), 10: ("eventTime", .microTime), 12: ("action", .text),
    13: ("related", reference), 14: ("reportingComponent", .text),
    15: ("reportingInstance", .text),
  ]

  private static let messages: [String: Message] = [
    "Namespace": [1: ("metadata", metadata)],
    "Secret": [
      1: ("metadata", metadata), 2: ("data", .map(.base64)), 3: ("type", .text),
      4: ("stringData", .map(.text)), 5: ("immutable", .truth),
    ],
    "ConfigMap": [
      1: ("metadata", metadata), 2: ("data", .map(.text)), 3: ("binaryData", .map(.base64)),
      4: ("immutable", .truth),
    ],
    "ServiceAccount": [
      1: ("metadata", metadata), 2: ("secrets", .list(reference)),
      3: ("imagePullSecrets", .list(.message([1: ("name", .text)]))),
      4: ("automountServiceAccountToken", .truth),
    ],
    "Event": event, "Role": role, "ClusterRole": role, "RoleBinding": binding,
    "ClusterRoleBinding": binding, "SelfSubjectAccessReview": accessReview,
    "SelfSubjectRulesReview": [
      1: ("metadata", metadata), 2: ("spec", .message([1: ("namespace", .text)])),
    ], "SelfSubjectReview": [1: ("metadata", metadata)],
    "Lease": [
      1: ("metadata", metadata),
      2: (
        "spec",
        .message([
          1: ("holderIdentity", .text), 2: ("leaseDurationSeconds", .number),
          3: ("acquireTime", .microTime), 4: ("renewTime", .microTime),
          5: ("leaseTransitions", .number),
        ])
      ),
    ],
    "DeleteOptions": [
      1: ("gracePeriodSeconds", .number),
      2: ("preconditions", .message([1: ("uid", .text), 2: ("resourceVersion", .text)])),
      3: ("orphanDependents", .truth), 4: ("propagationPolicy", .text), 5: ("dryRun", texts),
    ],
  ]
}
