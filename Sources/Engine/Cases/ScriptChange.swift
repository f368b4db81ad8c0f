package import LuaBridge

/// What saving some scripts can have an effect on.
package struct ScriptChange: Sendable {
  /// Nil when everything may be different.
  private let affected: Set<String>?

  /// Nothing is known of an earlier state.
  package static let everything = ScriptChange(affected: nil)

  private init(affected: Set<String>?) { self.affected = affected }

  /// The modules that differ, are new or gone, and those that require one of them, directly or through
  /// others. When no script differs it was another file, which may mean anything.
  ///
  /// - Parameters:
  ///   - old: bundles of before.
  ///   - new: the same bundles now, in the same order.
  package init(from old: [ScriptBundle], to new: [ScriptBundle]) {
    var affected: Set<String> = []
    for (old, new) in zip(old, new) {
      affected.formUnion(
        Set(old.modules).union(new.modules).filter { old.hash(of: $0) != new.hash(of: $0) })
    }
    guard !affected.isEmpty else {
      self.init(affected: nil)
      return
    }
    var needs: [String: Set<String>] = [:]
    for bundle in new {
      for module in bundle.modules where needs[module] == nil {
        guard let source = bundle.source(of: module) else { continue }
        needs[module] = Self.required(by: source.text) ?? affected
      }
    }
    var hasGrown = true
    while hasGrown {
      let more = needs.filter { module, required in
        !affected.contains(module) && !required.isDisjoint(with: affected)
      }
      affected.formUnion(more.keys)
      hasGrown = !more.isEmpty
    }
    self.init(affected: affected)
  }

  /// Whether one of these modules may behave otherwise than before.
  package func mayAffect(_ modules: [String]) -> Bool {
    affected.map { !$0.isDisjoint(with: modules) } ?? true
  }

  /// The modules that a script names; nil when it requires one whose name it computes.
  private static func required(by text: [UInt8]) -> Set<String>? {
    var lexer = LuaLexer(text)
    var names: Set<String> = []
    while let token = try? lexer.next(), token.kind != .end {
      guard token.kind == .name("require") else { continue }
      guard var next = try? lexer.next() else { return nil }
      if next.kind == .symbol("(") {
        guard let argument = try? lexer.next(), let end = try? lexer.next(),
          end.kind == .symbol(")")
        else { return nil }
        next = argument
      }
      guard case .string(let name) = next.kind else { return nil }
      names.insert(name)
    }
    return names
  }
}
