/// Why a request has no answer.
package struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller decides by.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The host's name has no address.
    case cannotResolve
    /// No TCP connection: refused, unreachable.
    case cannotConnect
    /// The handshake failed: untrusted or wrong certificate, no common version.
    case tls
    /// A time limit of the request passed.
    case timedOut
    /// The connection ended, or broke the protocol, before the answer was complete.
    case connectionLost
    /// The request is not one that can be sent: URL, headers.
    case invalidRequest
    /// The answer is larger than the transport's limit.
    case responseTooLarge
    /// The task that waited was cancelled.
    case cancelled
    /// The transport was shut down.
    case shutDown
  }

  package var kind: Kind

  /// One line for people; holds no header and no body.
  package var message: String

  /// Whether the server may hold a complete request, so that it may have acted on it. False is a
  /// promise: no server received the whole of it.
  package var requestMayHaveBeenSent: Bool

  package init(kind: Kind, message: String, requestMayHaveBeenSent: Bool) {
    self.kind = kind
    self.message = message
    self.requestMayHaveBeenSent = requestMayHaveBeenSent
  }

  package var description: String { "\(kind.rawValue): \(message)" }
}
