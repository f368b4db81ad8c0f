/// The modules that scripts can require, as their annotations describe them.
package struct HostAPI: Sendable {
  /// A member of an annotated table.
  package struct Member: Sendable, Hashable {
    package let name: String
    /// As the annotation has it, e.g. `string|nil`.
    package let type: String
    package let isOptional: Bool
    package let text: String
  }

  /// `---@class`.
  package struct Class: Sendable, Hashable {
    package let name: String
    package let parent: String?
    package var members: [Member]
    package let module: String
  }

  /// A function of a module.
  package struct Function: Sendable, Hashable {
    package let name: String
    package let parameters: [String]
    package let isVararg: Bool
    /// `---@param`, in order.
    package let annotated: [Member]
    /// The text of each `---@return`.
    package let returns: [String]
    /// What it does, line by line.
    package let text: [String]
    /// The effects that its own lines perform.
    package let effects: Set<String>
  }

  /// A module.
  package struct Module: Sendable {
    package let name: String
    /// What its first comment says, line by line.
    package let text: [String]
    package let functions: [Function]
    /// All members; nil when they cannot be told from the text.
    package let members: Set<String>?
  }

  package var modules: [String: Module] = [:]
  package var classes: [String: Class] = [:]

  /// The members that a table of this annotated type has; nil when the type says nothing of them.
  func members(ofType type: String) -> [Member]? {
    for part in AnnotationText.alternatives(of: type) {
      if part.hasPrefix("{") { return AnnotationText.inlineMembers(part) }
      guard var found = classes[part] else { continue }
      var members = found.members
      while let parent = found.parent.flatMap({ classes[$0] }) {
        members += parent.members
        found = parent
      }
      return members
    }
    return nil
  }

  /// Reading LuaLS annotations.
  enum AnnotationText {
    /// The parts of `A|B|nil` that are not inside brackets.
    static func alternatives(of type: String) -> [String] {
      split(type, at: "|").map { trimmed($0) }
    }

    /// The members of `{ method: string, query?: table }`.
    static func inlineMembers(_ type: String) -> [Member] {
      split(String(type.dropFirst().dropLast()), at: ",").compactMap { part in
        guard let colon = part.firstIndex(of: ":") else { return nil }
        var name = trimmed(String(part[..<colon]))
        let kind = trimmed(String(part[part.index(after: colon)...]))
        let isOptional = name.hasSuffix("?")
        if isOptional { name.removeLast() }
        return Member(
          name: name, type: kind, isOptional: isOptional || alternatives(of: kind).contains("nil"),
          text: "")
      }
    }

    /// `NAME[?] TYPE TEXT`, as in `---@param` and `---@field`.
    static func member(_ text: String) -> Member? {
      let words = text.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { return nil }
      var name = String(words[0])
      let isOptional = name.hasSuffix("?")
      if isOptional { name.removeLast() }
      let (type, rest) = type(at: String(words[1]))
      return Member(
        name: name, type: type,
        isOptional: isOptional || alternatives(of: type).contains("nil") || type == "any",
        text: rest)
    }

    /// A type at the beginning of a text, and what follows it.
    static func type(at text: String) -> (type: String, rest: String) {
      var depth = 0
      var previous: Character = " "
      for (place, character) in zip(text.indices, text) {
        if "({[<".contains(character) { depth += 1 }
        if ")}]>".contains(character) { depth -= 1 }
        // A blank ends a type, but for those inside brackets and after "fun():" or ",".
        if character == " ", depth == 0, previous != ":", previous != "," {
          return (String(text[..<place]), trimmed(String(text[place...])))
        }
        previous = character
      }
      return (text, "")
    }

    private static func split(_ text: String, at separator: Character) -> [String] {
      var depth = 0
      var parts = [""]
      for character in text {
        if "({[<".contains(character) { depth += 1 }
        if ")}]>".contains(character) { depth -= 1 }
        if character == separator, depth == 0 {
          parts.append("")
        } else {
          parts[parts.count - 1].append(character)
        }
      }
      return parts
    }

    static func trimmed(_ text: String) -> String {
      let start = text.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
  }
}
