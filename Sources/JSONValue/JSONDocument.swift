private import CJSON

/// A parsed JSON text, read in place through cursors.
///
/// Picking three fields out of an object costs no tree: the text stays on simdjson's tape, and only
/// what is asked for becomes a Swift value.
@safe package final class JSONDocument: @unchecked Sendable {
  // Sendable by hand: the tape is never written after `init`, and freed only with the last reference.
  private let handle: OpaquePointer
  let tape: UnsafePointer<UInt64>
  let strings: UnsafePointer<UInt8>

  /// Parses the bytes; throws when they are not one JSON value.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var message: UnsafePointer<CChar>?
    let parsed = unsafe bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      guard let base = buffer.baseAddress else { return nil }
      return unsafe cjson_parse(base, buffer.count, &message)
    }
    guard let parsed = unsafe parsed else {
      let text = unsafe message.map { unsafe String(cString: $0) }
      throw JSONError(message: text ?? "the text is empty")
    }
    unsafe handle = parsed
    unsafe tape = cjson_tape(parsed)
    unsafe strings = cjson_strings(parsed)
  }

  deinit {
    unsafe cjson_free(handle)
  }

  /// The document's value. The first word of the tape is the root marker.
  package var root: JSONCursor { JSONCursor(document: self, index: 1) }
}
