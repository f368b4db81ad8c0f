/// One header field of an answer.
package struct SimulatedHeader: Sendable, Hashable {
  /// As written on the wire.
  package var name: String
  /// ASCII.
  package var value: String

  /// A field by name and value.
  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What arrived, as far as the simulator looks at it.
package struct SimulatedRequest: Sendable {
  /// Upper case.
  package var method: String
  /// Path and query as sent.
  package var target: String
  /// `Authorization`.
  package var authorization: String?
  /// `User-Agent`.
  package var userAgent: String?
  /// `Content-Type`.
  package var contentType: String?
  /// `X-Audit-Log-Reason` as sent.
  package var auditLogReason: String?
  /// The whole body.
  package var body: [UInt8] = []
  /// Whether there was more than is read; `body` is then empty.
  package var isTooLarge = false

  /// A request without header fields and body.
  package init(method: String, target: String) {
    self.method = method
    self.target = target
  }

  /// The part of the target before the query.
  var path: Substring { target[..<(queryMark ?? target.endIndex)] }

  /// By bytes: walking a text by characters is dear, and this is done for every request.
  private var queryMark: String.Index? { target.utf8.firstIndex(of: UInt8(ascii: "?")) }

  /// The query, decoded; of equal names the last counts.
  var query: [String: String] {
    guard let mark = queryMark else { return [:] }
    var result: [String: String] = [:]
    for pair in target[target.index(after: mark)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decode(parts[0]) else { continue }
      result[name] = parts.count > 1 ? PercentEncoding.decode(parts[1]) ?? "" : ""
    }
    return result
  }
}

/// What is to be sent back, and how.
package struct SimulatedOutcome: Sendable {
  /// How the answer ends.
  package enum Delivery: Sendable, Hashable {
    /// In full.
    case whole
    /// The connection is reset before a single byte.
    case reset
    /// The header and this many bytes of the body, then a reset.
    case resetAfter(bytes: Int)
  }

  /// HTTP status.
  package var status: Int
  /// Without `Content-Length`.
  package var headers: [SimulatedHeader] = []
  /// The whole body.
  package var body: [UInt8]
  /// See `Delivery`.
  package var delivery = Delivery.whole
  /// To be waited after the request was performed.
  package var delay = Duration.zero

  /// An outcome by status and body.
  package init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }

  /// The value of a header field, by the name as Discord writes it.
  package func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}

/// Percent-encoding of RFC 3986.
enum PercentEncoding {
  /// The decoded text; nil when an escape or the UTF-8 in it is wrong.
  static func decode(_ text: some StringProtocol) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
