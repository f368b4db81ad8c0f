/// A place in a script, as liblua writes it in front of its messages.
struct ScriptLocation: Hashable {
  var path: String
  var line: Int

  /// Splits "path:12: text". Paths longer than 59 bytes come as "..." and their end
  /// (LUA_IDSIZE); `paths` tells which one is meant.
  static func split(_ text: String, paths: some Sequence<String>) -> (ScriptLocation, String)? {
    let bytes = Array(text.utf8)
    var start = 0
    while let colon = bytes[start...].firstIndex(of: UInt8(ascii: ":")) {
      var end = colon + 1
      var line = 0
      while end < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[end],
        line < 1 << 40
      {
        line = line * 10 + Int(bytes[end] - UInt8(ascii: "0"))
        end += 1
      }
      if end > colon + 1, end < bytes.count, bytes[end] == UInt8(ascii: ":") {
        let shown = String(decoding: bytes[..<colon], as: UTF8.self)
        guard let path = paths.first(where: { matches($0, shown) }) else { return nil }
        var rest = bytes[(end + 1)...]
        if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
        return (ScriptLocation(path: path, line: line), String(decoding: rest, as: UTF8.self))
      }
      start = colon + 1
    }
    return nil
  }

  private static func matches(_ path: String, _ shown: String) -> Bool {
    if path == shown { return true }
    return shown.hasPrefix("...") && path.hasSuffix(shown.dropFirst(3))
  }
}
