import JSONValue

/// Texts in definitions as LuaLS reads them (its script/parser/luadoc.lua), so that what somebody wrote in
/// a CustomResourceDefinition is taken for what it is and for nothing else.
enum LuaLSText {
  /// A field's name; in brackets where LuaLS would read it as something else: `private` is a visibility.
  static func key(_ name: String) -> String {
    let visibilities = ["public", "protected", "private", "package"]
    guard name.isEmpty || word(name) != name || visibilities.contains(name) else { return name }
    return "[\(JSONValue.string(name).serializedText())]"
  }

  /// A part of a class' name: letters, digits and '_'.
  static func word(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  /// A description behind a type. Some signs at its beginning would go on with the type, some would be taken
  /// away, and of a text in quotes the rest would be; what is shown is Markdown, where a backslash says that
  /// the sign is just one.
  static func afterType(_ text: String) -> String {
    text.first.map { "<[|?@#-\"'".contains($0) } == true ? "\\\(text)" : text
  }

  /// A line of a comment: one that begins with @ would be an annotation, one with | another type.
  static func line(_ text: String) -> String {
    ["@", "|"].contains { text.hasPrefix($0) } ? "\\\(text)" : text
  }

  /// A value of an enumeration; LuaLS has no literals with a fraction.
  static func literal(_ value: JSONValue) -> String {
    switch value {
    case .null: "nil"
    case .string, .integer, .bool: value.serializedText()
    default: value.doubleValue == nil ? "table" : "number"
    }
  }
}
