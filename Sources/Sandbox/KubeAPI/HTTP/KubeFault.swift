package import JSONValue

/// Something that goes wrong on purpose for a while.
package struct KubeFault: Sendable, Hashable {
  /// Answer with this status instead of serving; nil serves.
  package var status: Int?
  /// Do not answer while the fault lasts.
  package var hangs: Bool
  /// Wait this long before answering.
  package var delayMilliseconds: Int64
  /// End all open watches at once, without a word.
  package var dropsWatches: Bool
  /// Forget the history, so that watches get 410 Expired.
  package var forgetsHistory: Bool
  /// Answer with an error after the request was performed: a lost answer.
  package var isAfterwards: Bool
  /// How long the fault lasts.
  package var seconds: Double
  /// How many requests it hits; nil for all.
  package var count: Int?
  /// The methods that it hits; empty for all.
  package var methods: [String]
  /// The start of the paths that it hits; empty for all.
  package var pathPrefix: String

  /// A fault by its parts; by default it does nothing for ten seconds.
  package init(
    status: Int? = nil, hangs: Bool = false, delayMilliseconds: Int64 = 0,
    dropsWatches: Bool = false, forgetsHistory: Bool = false, isAfterwards: Bool = false,
    seconds: Double = 10, count: Int? = nil, methods: [String] = [], pathPrefix: String = ""
  ) {
    self.status = status
    self.hangs = hangs
    self.delayMilliseconds = delayMilliseconds
    self.dropsWatches = dropsWatches
    self.forgetsHistory = forgetsHistory
    self.isAfterwards = isAfterwards
    self.seconds = seconds
    self.count = count
    self.methods = methods
    self.pathPrefix = pathPrefix
  }

  /// Reads the JSON of `/sandbox/faults`, whose members are named as the properties here.
  package init(_ value: JSONValue) {
    self.init(
      status: value["status"]?.integerValue.map { Int($0) },
      hangs: value["hangs"]?.boolValue ?? false,
      delayMilliseconds: value["delayMilliseconds"]?.integerValue ?? 0,
      dropsWatches: value["dropsWatches"]?.boolValue ?? false,
      forgetsHistory: value["forgetsHistory"]?.boolValue ?? false,
      isAfterwards: value["isAfterwards"]?.boolValue ?? false,
      seconds: value["seconds"]?.doubleValue ?? 10,
      count: value["count"]?.integerValue.map { Int($0) },
      methods: value["methods"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      pathPrefix: value["pathPrefix"]?.stringValue ?? "")
  }

  /// The answer that the fault gives instead of the server's.
  var reply: KubeReply? {
    guard let status else { return nil }
    let reason =
      switch status {
      case 409: "Conflict"
      case 429: "TooManyRequests"
      case 500: "InternalError"
      case 503: "ServiceUnavailable"
      case 504: "Timeout"
      default: ""
      }
    return KubeReply(
      APIStatusError(
        code: status, reason: reason, message: "a fault of the sandbox",
        details: status == 429 || status == 503 ? ["retryAfterSeconds": 1] : nil))
  }
}

/// The faults that last, as a value.
struct KubeFaultPlan: Sendable {
  private var active: [(fault: KubeFault, end: KubeTime)] = []

  mutating func add(_ fault: KubeFault, now: KubeTime) {
    let length = Int64(max(0, min(fault.seconds, 86_400)) * 1_000_000)
    active.append((fault, KubeTime(microseconds: now.microseconds + length)))
  }

  private static func hits(_ fault: KubeFault, _ request: KubeRequest) -> Bool {
    (fault.methods.isEmpty || fault.methods.contains(request.method))
      && request.path.hasPrefix(fault.pathPrefix) && fault.count ?? 1 > 0
  }

  /// The fault that hits a request; counts it.
  mutating func take(_ request: KubeRequest, now: KubeTime) -> KubeFault? {
    active.removeAll { $0.end <= now || $0.fault.count == 0 }
    guard let place = active.firstIndex(where: { Self.hits($0.fault, request) }) else { return nil }
    let fault = active[place].fault
    if let count = fault.count { active[place].fault.count = count - 1 }
    return fault
  }

  func hangs(_ request: KubeRequest, now: KubeTime) -> Bool {
    active.contains { $0.end > now && $0.fault.hangs && Self.hits($0.fault, request) }
  }
}
