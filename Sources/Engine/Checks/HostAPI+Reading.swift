package import LuaBridge

extension HostAPI {
  /// Reads the annotations of modules. A script that is no Lua is left out.
  package init(_ sources: [ScriptSource]) {
    // A shipped module is there under two names.
    var parsed: [[UInt8]: (LuaBlock, [LuaComment])] = [:]
    for source in sources {
      guard let (block, comments) = try? parsed[source.text] ?? LuaParser.parse(source.text) else {
        continue
      }
      parsed[source.text] = (block, comments)
      let reader = Reader(
        name: source.module, text: source.text, block: block, comments: comments)
      modules[source.module] = reader.module()
      for found in reader.classes() { classes[found.name] = found }
    }
  }

  private struct Reader {
    let name: String
    let block: LuaBlock
    let comments: [LuaComment]
    private let byLine: [Int: String]
    private let tokens: [LuaToken]

    init(name: String, text: [UInt8], block: LuaBlock, comments: [LuaComment]) {
      var lexer = LuaLexer(text)
      var tokens: [LuaToken] = []
      while let token = try? lexer.next(), token.kind != .end { tokens.append(token) }
      self.tokens = tokens
      self.name = name
      self.block = block
      self.comments = comments
      byLine = Dictionary(comments.map { ($0.line, $0.text) }) { first, _ in first }
    }

    /// The comment lines right above a line, from top to bottom, without their dashes.
    private func lines(above line: Int) -> [String] {
      var found: [String] = []
      var line = line - 1
      while let text = byLine[line] {
        found.append(text)
        line -= 1
      }
      return found.reversed()
    }

    func module() -> Module {
      var functions: [Function] = []
      var members: Set<String>? = []
      let table = LuaModule(block)
      for member in table.members {
        members?.insert(member.name)
        guard let function = member.function else { continue }
        functions.append(self.function(member.name, function, line: member.position.line))
      }
      if !table.isComplete { members = nil }
      return Module(
        name: name, text: firstComment(), functions: functions, members: members)
    }

    private func firstComment() -> [String] {
      guard comments.first?.line == 1 else { return [] }
      var lines: [String] = []
      while let text = byLine[lines.count + 1] { lines.append(AnnotationText.trimmed(text)) }
      return lines
    }

    private func function(_ name: String, _ function: LuaFunction, line: Int) -> Function {
      var annotated: [Member] = []
      var returns: [String] = []
      var text: [String] = []
      for comment in lines(above: line) {
        if let rest = Self.tagged("param", comment) {
          if let member = AnnotationText.member(rest) { annotated.append(member) }
        } else if let rest = Self.tagged("return", comment) {
          returns.append(rest)
        } else if comment.hasPrefix("-"), !comment.hasPrefix("-@") {
          text.append(AnnotationText.trimmed(String(comment.dropFirst())))
        }
      }
      return Function(
        name: name, parameters: function.parameters.map(\.name), isVararg: function.isVararg,
        annotated: annotated, returns: returns, text: text, effects: effects(of: function))
    }

    /// The constants of `effect = "…"` in a function.
    private func effects(of function: LuaFunction) -> Set<String> {
      var found: Set<String> = []
      for (place, token) in tokens.enumerated()
      where token.kind == .name("effect") && place + 2 < tokens.count
        && (function.position..<function.body.end).contains(token.position)
      {
        guard tokens[place + 1].kind == .symbol("="),
          case .string(let name) = tokens[place + 2].kind
        else { continue }
        found.insert(name)
      }
      return found
    }

    func classes() -> [Class] {
      var found: [Class] = []
      for comment in comments {
        if let rest = Self.tagged("class", comment.text) {
          let parts = rest.split(separator: ":").map { AnnotationText.trimmed(String($0)) }
          guard let first = parts.first else { continue }
          found.append(
            Class(
              name: first, parent: parts.count > 1 ? parts[1] : nil, members: [], module: name))
        } else if let rest = Self.tagged("field", comment.text), !found.isEmpty,
          let member = AnnotationText.member(rest)
        {
          found[found.count - 1].members.append(member)
        }
      }
      return found
    }

    private static func tagged(_ tag: String, _ comment: String) -> String? {
      let prefix = "-@\(tag) "
      return comment.hasPrefix(prefix) ? String(comment.dropFirst(prefix.count)) : nil
    }
  }
}
