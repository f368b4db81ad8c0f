import JSONValue

/// A secret that a person gives to a plan. It shows itself to nothing but the request's body:
/// printing, interpolating, dumping and reflecting give a placeholder.
package struct SecretInput: Sendable {
  private let secret: String

  /// - Parameter text: as it was read; surrounding white space is dropped.
  /// - Throws: when nothing is left, or it has characters that no token has.
  package init(_ text: String) throws(RemediationError) {
    var bytes = Array(text.utf8)[...]
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard !bytes.isEmpty else {
      throw RemediationError("standard input held no token: nothing was changed")
    }
    guard bytes.count <= 4_096, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw RemediationError(
        "what came on standard input is no token (white space in it, not ASCII, or longer than 4096 "
          + "bytes): nothing was changed")
    }
    secret = String(decoding: bytes, as: UTF8.self)
  }

  /// The only way out: the body with the value in its place.
  func filling(_ name: String, in body: JSONValue) -> JSONValue {
    body.filled { $0 == name ? secret : nil }
  }

  /// The text without the secret, should a server have echoed it, plain or in Base64.
  func scrubbing(_ text: String) -> String {
    [secret, Base64Encoding.encode(Array(secret.utf8))].reduce(text) {
      $0.split(separator: $1, omittingEmptySubsequences: false).joined(separator: "[redacted]")
    }
  }
}

extension SecretInput: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
