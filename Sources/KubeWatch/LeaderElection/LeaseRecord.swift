package import JSONValue

/// What a `coordination.k8s.io/v1` Lease says about who leads.
package struct LeaseRecord: Sendable, Hashable {
  package var uid: String
  package var resourceVersion: String
  /// Empty when nobody holds it.
  package var holder: String
  /// How long the holder claims the Lease from each renewal on; nil when it does not say.
  package var duration: Duration?
  /// How often the holder changed.
  package var transitions: Int64

  /// Makes a record of its parts.
  package init(
    uid: String, resourceVersion: String, holder: String, duration: Duration?, transitions: Int64
  ) {
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.holder = holder
    self.duration = duration
    self.transitions = transitions
  }

  /// Reads an API server's answer; nil when it is no object.
  package init?(json: [UInt8]) {
    guard let root = try? JSONDocument(parsing: json).root, let metadata = root["metadata"],
      let version = metadata["resourceVersion"]?.string, !version.isEmpty
    else { return nil }
    let spec = root["spec"]
    uid = metadata["uid"]?.string ?? ""
    resourceVersion = version
    holder = spec?["holderIdentity"]?.string ?? ""
    let seconds = spec?["leaseDurationSeconds"]?.integer
    // Who writes an absurd number must not lock everybody out for ever.
    duration = seconds.flatMap { (1...3_600).contains($0) ? .seconds($0) : nil }
    transitions = spec?["leaseTransitions"]?.integer ?? 0
  }
}

/// What is to be written into the Lease.
package struct LeaseClaim: Sendable, Hashable {
  /// Empty to give the Lease back.
  package var holder: String
  package var duration: Duration
  package var transitions: Int64
  /// Whether the holder changes with this write.
  package var isAcquisition: Bool

  /// Makes a claim.
  package init(holder: String, duration: Duration, transitions: Int64, isAcquisition: Bool) {
    self.holder = holder
    self.duration = duration
    self.transitions = transitions
    self.isAcquisition = isAcquisition
  }

  /// The `spec` of the Lease.
  ///
  /// - Parameter now: only for people to read: nobody compares it with a clock.
  package func spec(now: WallTime) -> JSONValue {
    let microseconds = String(1_000_000 + now.nanoseconds / 1_000).dropFirst()
    let time = JSONValue.string(now.text.dropLast() + ".\(microseconds)Z")
    var spec: JSONValue = [
      "holderIdentity": .string(holder), "renewTime": time,
      "leaseDurationSeconds": .integer(max(1, duration.components.seconds)),
      "leaseTransitions": .integer(transitions),
    ]
    if isAcquisition { spec["acquireTime"] = time }
    return spec
  }
}
