package import LuaBridge

/// An error of a script as its author wants to read it: place, line, what was nil, and the way that
/// led there.
package struct ScriptFault: Sendable {
  private let error: ScriptError
  private let bundle: ScriptBundle

  /// - Parameter bundle: the scripts that ran.
  package init(_ error: ScriptError, in bundle: ScriptBundle) {
    self.error = error
    self.bundle = bundle
  }

  /// Several lines; short enough for a condition and an Event.
  package var text: String {
    var text = error.description
    if let path = nilPath { text += "\n  \(path) is nil\(origin(of: path))" }
    for frame in error.traceback.prefix(6) { text += "\n  at \(frame)" }
    if error.traceback.count > 6 { text += "\n  …" }
    if !error.moduleHash.isEmpty {
      text += "\n  \(error.module) has the hash \(error.moduleHash.prefix(12))"
    }
    return text
  }

  /// The whole expression that was nil, such as `ctx.spec.topics`: liblua names its last part only.
  package var nilPath: String? {
    guard error.kind == .runtime, let line = error.line, let name = nilName,
      let module = bundle.modules.first(where: { bundle.source(of: $0)?.path == error.path }),
      let source = bundle.source(of: module)
    else { return nil }
    let paths =
      name == "?" || name == "integer index"
      ? Self.computedPaths(in: source.text, line: line)
      : Self.paths(endingIn: name, in: source.text, line: line)
    // With two candidates in the line, a guess would mislead.
    return paths.count == 1 ? paths.first : nil
  }

  /// Where a variable that is nil got its value, as long as that is a path: " (line 7: ctx.a.b)".
  private func origin(of name: String) -> String {
    guard !name.contains("."), let line = error.line, let path = error.path,
      let module = bundle.modules.first(where: { bundle.source(of: $0)?.path == path }),
      let source = bundle.source(of: module),
      let value = Self.lastValue(of: name, in: source.text, before: line)
    else { return "" }
    return " (line \(value.line): \(value.path))"
  }

  /// The dotted path that was assigned to a name last before a line; nil when it was anything else.
  private static func lastValue(
    of name: String, in text: [UInt8], before line: Int
  ) -> (path: String, line: Int)? {
    var lexer = LuaLexer(text)
    var tokens: [LuaToken] = []
    while let token = try? lexer.next(), token.kind != .end, token.position.line < line {
      tokens.append(token)
    }
    let start = tokens.indices.dropLast().last { index in
      tokens[index].kind == .name(name) && tokens[index + 1].kind == .symbol("=")
        && (index == 0 || ![.symbol("."), .symbol(",")].contains(tokens[index - 1].kind))
    }
    guard let start else { return nil }
    let place = tokens[start].position.line
    var path: [String] = []
    for token in tokens[(start + 2)...] where token.position.line == place {
      switch token.kind {
      case .name(let part): path.append(part)
      case .symbol("."): continue
      default: return nil
      }
    }
    return path.count > 1 ? (path.joined(separator: "."), place) : nil
  }

  /// The name in "attempt to index a nil value (field 'topics')".
  private var nilName: String? {
    guard error.message.contains(" a nil value ("), let open = error.message.firstIndex(of: "'")
    else { return nil }
    let rest = error.message[error.message.index(after: open)...]
    return rest.firstIndex(of: "'").map { String(rest[..<$0]) }
  }

  /// The paths in a line that end in a computed key and are used further, such as `ctx.spec.tags[1]` in
  /// `ctx.spec.tags[1].name`: liblua calls such a key '?', or 'integer index'.
  private static func computedPaths(in text: [UInt8], line: Int) -> Set<String> {
    var lexer = LuaLexer(text)
    var tokens: [LuaToken] = []
    while let token = try? lexer.next(), token.kind != .end, token.position.line <= line {
      if token.position.line == line { tokens.append(token) }
    }
    var found: Set<String> = []
    var path = ""
    var index = 0
    while index < tokens.count {
      defer { index += 1 }
      switch tokens[index].kind {
      case .name(let part):
        path = path.hasSuffix(".") ? path + part : part
      case .symbol(".") where !path.isEmpty:
        path += "."
      case .symbol("[") where !path.isEmpty:
        guard index + 3 < tokens.count, tokens[index + 2].kind == .symbol("]"),
          let key = key(tokens[index + 1])
        else { return [] }
        path += "[\(key)]"
        index += 2
        if case .symbol(let next) = tokens[index + 1].kind, [".", "[", ":", "("].contains(next) {
          found.insert(path)
        }
      default: path = ""
      }
    }
    return found
  }

  /// A key of one word, as it is written.
  private static func key(_ token: LuaToken) -> String? {
    switch token.kind {
    case .name(let name): name
    case .number(let digits): digits
    default: nil
    }
  }

  /// The dotted paths in a line that end in a name and are used: indexed, called or calculated with.
  private static func paths(endingIn name: String, in text: [UInt8], line: Int) -> Set<String> {
    var lexer = LuaLexer(text)
    var found: Set<String> = []
    var path: [String] = []
    var joins = false
    while let token = try? lexer.next(), token.kind != .end, token.position.line <= line {
      switch token.kind {
      case .name(let part):
        path = joins ? path + [part] : [part]
        joins = false
        if token.position.line == line, part == name { found.insert(path.joined(separator: ".")) }
      case .symbol("."), .symbol(":"):
        joins = !path.isEmpty
      default:
        path = []
        joins = false
      }
    }
    return found
  }
}
