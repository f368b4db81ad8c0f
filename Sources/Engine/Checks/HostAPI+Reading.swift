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
      let reader = Reader(name: source.module, block: block, comments: comments)
      modules[source.module] = reader.module()
      for found in reader.classes() { classes[found.name] = found }
    }
  }

  private struct Reader {
    let name: String
    let block: LuaBlock
    let comments: [LuaComment]
    private let byLine: [Int: String]

    init(name: String, block: LuaBlock, comments: [LuaComment]) {
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
        functions.append(self.function(member.name, function, line: member.line))
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
        annotated: annotated, returns: returns, text: text)
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

/// The table that a module returns, as far as it can be read from the text.
struct LuaModule {
  struct Member {
    let name: String
    let line: Int
    let function: LuaFunction?
  }

  /// The local variable that is returned.
  private(set) var variable: String?
  private(set) var members: [Member] = []
  /// Whether `members` are all that there are.
  private(set) var isComplete = false

  init(_ block: LuaBlock) {
    guard case .returns(let values)? = block.statements.last?.kind, values.count == 1,
      case .name(let name) = values[0].kind
    else { return }
    variable = name
    for statement in block.statements { read(statement, of: name) }
  }

  private mutating func read(_ statement: LuaStatement, of name: String) {
    switch statement.kind {
    case .local(let variables, let values):
      guard let place = variables.firstIndex(where: { $0.name == name }), place < values.count
      else { return }
      guard let fields = values[place].fields else { return }
      isComplete = true
      for field in fields {
        guard let key = field.name else {
          isComplete = false
          continue
        }
        add(key, field.value, line: field.position.line)
      }
    case .function(let target, let function):
      guard case .index(let root, let key) = target.kind, case .name(name) = root.kind,
        let key = key.text
      else { return }
      members.append(Member(name: key, line: statement.position.line, function: function))
    case .assignment(let targets, let values):
      for (place, target) in targets.enumerated() {
        guard case .index(let root, let key) = target.kind, case .name(name) = root.kind else {
          continue
        }
        guard let key = key.text else {
          isComplete = false
          continue
        }
        if place < values.count { add(key, values[place], line: statement.position.line) }
      }
    default: return
    }
  }

  private mutating func add(_ name: String, _ value: LuaExpression, line: Int) {
    if case .function(let function) = value.kind {
      members.append(Member(name: name, line: line, function: function))
    } else {
      members.append(Member(name: name, line: line, function: nil))
    }
  }
}
