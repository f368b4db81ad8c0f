/// Images come in as data URIs and go out as hashes.
enum ImageData {
  /// The hash that stands for an image: 32 hexadecimal digits made from its text, with `a_` before
  /// them when animated; nil when the text is no data URI of an image.
  static func hash(ofDataURI text: String) -> String? {
    let prefix = "data:image/"
    guard text.hasPrefix(prefix), let comma = text.firstIndex(of: ",") else { return nil }
    let header = text[text.index(text.startIndex, offsetBy: prefix.utf8.count)..<comma]
    guard header.hasSuffix(";base64") else { return nil }
    let format = header.prefix { $0 != ";" }
    guard ["png", "jpeg", "jpg", "gif", "webp"].contains(String(format)) else { return nil }
    let payload = text[text.index(after: comma)...].utf8
    guard !payload.isEmpty, payload.allSatisfy(isBase64) else { return nil }
    let digits = hex(fnv(payload, basis: 0xcbf2_9ce4_8422_2325)) + hex(fnv(payload, basis: 0x9e37))
    return (format == "gif" ? "a_" : "") + digits
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"),
      UInt8(ascii: "="):
      true
    default: false
    }
  }

  /// FNV-1a: only stability is asked of the hash, not strength.
  static func fnv(_ bytes: some Sequence<UInt8>, basis: UInt64) -> UInt64 {
    var hash = basis
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }

  /// 16 hexadecimal digits.
  static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
