/// The table that a script returns, as far as the script alone says what is in it.
struct OwnTable {
  /// A member that is read.
  struct Use {
    let name: String
    let position: LuaPosition
    let isCall: Bool
  }

  /// The place of its variable; nil when there is none.
  var variable: Int?
  /// Whether `members` are all that there are: nobody else gets the table.
  var isKnown = false
  var members: Set<String> = []
  private(set) var uses: [Use] = []

  /// Notes that a member is set; nil for a name that only a run could tell.
  mutating func set(_ name: String?) {
    if let name { members.insert(name) } else { isKnown = false }
  }

  /// Notes that a member is read.
  mutating func use(_ name: String, at position: LuaPosition, isCall: Bool) {
    uses.append(Use(name: name, position: position, isCall: isCall))
  }
}

extension ScriptAnalysis {
  /// Notes a read of the script's own table that does not hand it on.
  ///
  /// - Returns: whether the expression is that table.
  mutating func readOwn(_ expression: LuaExpression) -> Bool {
    guard case .name(let name) = expression.kind, let place = lookUp(name), place == own.variable
    else { return false }
    variables[place].isRead = true
    return true
  }

  /// A member that the table never has. One that is looked at before it is called is left alone: a
  /// script that extends this one may set it.
  mutating func reportOwnMembers() {
    guard own.isKnown, let variable = ruleVariable else { return }
    let looked = Set(own.uses.filter { !$0.isCall }.map(\.name))
    for use in own.uses where !own.members.contains(use.name) {
      let suggestion = Suggestion.text(for: use.name, among: own.members)
      guard !suggestion.isEmpty || (use.isCall && !looked.contains(use.name)) else { continue }
      report(
        .unknownFunction, use.position, "\(variable) has no '\(use.name)'\(suggestion)")
    }
  }
}
