/// The table that a module returns, as far as it can be read from the text.
struct LuaModule {
  struct Member {
    let name: String
    let position: LuaPosition
    let function: LuaFunction?
  }

  /// The local variable that is returned.
  private(set) var variable: String?
  private(set) var members: [Member] = []
  /// Whether `members` are all that there are.
  private(set) var isComplete = false
  /// The fields that the table is made with.
  private var fields: [LuaField] = []
  /// Where the table is made; where the file ends when there is no such place.
  private var origin: LuaPosition

  init(_ block: LuaBlock) {
    let ending = block.statements.last?.position ?? LuaPosition(line: 1, column: 1)
    origin = ending
    guard case .returns(let values)? = block.statements.last?.kind, values.count == 1 else {
      return
    }
    if let fields = values[0].fields {
      origin = values[0].position
      self.fields = fields
    }
    guard case .name(let name) = values[0].kind else { return }
    variable = name
    for statement in block.statements { read(statement, of: name) }
  }

  private mutating func read(_ statement: LuaStatement, of name: String) {
    switch statement.kind {
    case .local(let variables, let values):
      guard let place = variables.firstIndex(where: { $0.name == name }), place < values.count
      else { return }
      origin = variables[place].position
      guard let fields = values[place].fields else { return }
      self.fields = fields
      isComplete = true
      for field in fields {
        guard let key = field.name else {
          isComplete = false
          continue
        }
        add(key, field.value, at: field.position)
      }
    case .function(let target, let function):
      guard case .index(let root, let key) = target.kind, case .name(name) = root.kind,
        let key = key.text
      else { return }
      members.append(Member(name: key, position: target.position, function: function))
    case .assignment(let targets, let values):
      for (place, target) in targets.enumerated() {
        guard case .index(let root, let key) = target.kind, case .name(name) = root.kind else {
          continue
        }
        guard let key = key.text else {
          isComplete = false
          continue
        }
        if place < values.count { add(key, values[place], at: target.position) }
      }
    default: return
    }
  }

  private mutating func add(_ name: String, _ value: LuaExpression, at position: LuaPosition) {
    var function: LuaFunction?
    if case .function(let found) = value.kind { function = found }
    members.append(Member(name: name, position: position, function: function))
  }

  /// The text constants of a field in the elements of a list: `run` of `checks`.
  func texts(of field: String, in list: String) -> Set<String> {
    let elements = fields.first { $0.name == list }?.value.fields ?? []
    return Set(
      elements.compactMap { element in
        element.value.fields?.first { $0.name == field }?.value.text
      })
  }

  /// The names of a member's own fields; nil when they can't be read from the text.
  func names(in member: String) -> Set<String>? {
    guard let field = fields.first(where: { $0.name == member }) else {
      return isComplete ? [] : nil
    }
    guard let fields = field.value.fields, fields.allSatisfy({ $0.name != nil }) else { return nil }
    return Set(fields.compactMap(\.name))
  }

  /// Where the author has to look: at the wrong text, or else at the field, or else at the table.
  ///
  /// - Parameters:
  ///   - field: the member that is wrong; nil when it is the table as a whole.
  ///   - element: of the list that the member is, counted from 0.
  ///   - text: the constant in it that is wrong.
  func place(of field: String?, element: Int?, text: String?) -> LuaPosition {
    guard let field, let found = fields.first(where: { $0.name == field }) else {
      return members.first { $0.name == field }?.position ?? origin
    }
    guard let list = found.value.fields else { return found.position }
    if let element, element < list.count { return list[element].position }
    return list.first { text != nil && $0.value.text == text }?.value.position ?? found.position
  }
}
