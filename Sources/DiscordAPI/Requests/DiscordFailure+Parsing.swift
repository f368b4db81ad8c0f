import JSONValue

extension DiscordFailure {
  /// Errors beyond this many say nothing new.
  private static let maximumErrors = 50
  /// Bytes of a body that is not JSON that are worth showing.
  private static let maximumText = 200

  /// The failure that an answer's body describes. Bodies that are HTML, text, empty or broken are
  /// tolerated: their beginning becomes the message.
  package init(status: Int, body: [UInt8]) {
    guard let value = try? JSONValue(parsing: body), value.objectValue != nil else {
      self.init(status: status, code: 0, message: Self.plainText(body))
      return
    }
    let code = value["code"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
    let message = value["message"]?.stringValue ?? "no message"
    var errors: [FieldError] = []
    if let tree = value["errors"] { Self.collect(tree, path: [], into: &errors) }
    self.init(status: status, code: code, message: Self.cut(message), errors: errors)
  }

  private static func collect(_ tree: JSONValue, path: [String], into found: inout [FieldError]) {
    guard found.count < maximumErrors, path.count < 16 else { return }
    if let elements = tree.arrayValue {
      for (index, element) in elements.enumerated() {
        collect(element, path: path + [String(index)], into: &found)
      }
      return
    }
    guard let members = tree.objectValue else { return }
    for leaf in members["_errors"]?.arrayValue ?? [] {
      let code = leaf["code"]?.stringValue ?? leaf["code"]?.integerValue.map { String($0) } ?? ""
      found.append(
        FieldError(
          path: path.joined(separator: "."), code: code,
          message: cut(leaf["message"]?.stringValue ?? "")))
    }
    for key in members.keys.sorted(by: Self.inOrder) where key != "_errors" {
      if let member = members[key] { collect(member, path: path + [key], into: &found) }
    }
  }

  /// Indexes are string keys: "2" comes before "10".
  private static func inOrder(_ left: String, _ right: String) -> Bool {
    guard let first = Int(left), let second = Int(right) else { return left < right }
    return first < second
  }

  /// The words of an HTML or text body, without its tags.
  static func plainText(_ body: [UInt8]) -> String {
    var words: [UInt8] = []
    var isInTag = false
    var wantsSpace = false
    for byte in body.prefix(4_096) {
      switch byte {
      case UInt8(ascii: "<"): isInTag = true
      case UInt8(ascii: ">") where isInTag:
        isInTag = false
        wantsSpace = true
      case 0...0x20, 0x7F: wantsSpace = true
      default:
        guard !isInTag else { continue }
        if wantsSpace, !words.isEmpty { words.append(0x20) }
        wantsSpace = false
        words.append(byte)
      }
      if words.count >= maximumText * 4 { break }
    }
    return words.isEmpty ? "no message" : cut(String(decoding: words, as: UTF8.self))
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= maximumText ? text : String(text.prefix(maximumText)) + "…"
  }
}
