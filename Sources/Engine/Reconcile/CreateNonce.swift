/// Marks one attempt to create, so that what came of it can be found in Discord's audit log.
///
/// The nonce is made from the object's uid and the pending annotation: whoever reads the object after
/// a crash can make it again, and nothing more needs to be stored.
package struct CreateNonce: Sendable, Hashable {
  /// 16 hexadecimal digits.
  package let text: String

  /// Makes the nonce of the attempt that began with this annotation.
  package init(uid: String, pending: String) {
    // FNV-1a, 64 bits: enough to tell the attempts of one guild's 45 days of audit log apart.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(uid)/\(pending)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    text = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The audit log reason of a create: says who did it to people, and the nonce to us.
  package func reason(for key: ResourceKey) -> String {
    "provider-discord: \(key.description.prefix(400)) [\(text)]"
  }

  /// Whether an audit log entry's reason carries this nonce.
  package func isIn(_ reason: String) -> Bool { reason.contains("[\(text)]") }
}
