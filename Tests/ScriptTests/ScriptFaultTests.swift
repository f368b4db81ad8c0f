import LuaBridge
import Testing

@testable import Engine

/// An error of a script tells its author where, what was nil, and how it came there.
@Suite struct ScriptFaultTests {
  private func fault(_ body: String) async throws -> ScriptFault {
    let text = "local m = {}\nfunction m.run(ctx)\n  \(body)\nend\nreturn m\n"
    let bundle = try ScriptBundle(sources: [
      ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
    ])
    do {
      _ = try await ScriptRunner().run(
        bundle, module: "resources.x", function: "run", arguments: [Array("{\"spec\":{}}".utf8)],
        perform: { $0 })
    } catch let error as ScriptError {
      return ScriptFault(error, in: bundle)
    }
    throw Missing()
  }

  private struct Missing: Error {}

  @Test(arguments: [
    ("return ctx.spec.topics.name", "ctx.spec.topics"), ("ctx.spec.go()", "ctx.spec.go"),
    ("return ctx.spec.count + 1", "ctx.spec.count"), ("return ctx.gone.x.y", "ctx.gone"),
    ("local a; return a.b", "a"),
    ("local g = 'topics' return ctx.spec[g].name", "ctx.spec[g]"),
    ("local list = {} return list[1].name", "list[1]"),
    ("local tree = { a = {} } return tree.a[ctx].b", "tree.a[ctx]"),
  ]) func namesTheWholePathThatWasNil(_ body: String, _ path: String) async throws {
    #expect(try await fault(body).nilPath == path)
  }

  @Test(arguments: [
    "return ctx.a.x.y, ctx.b.x.y", "error('no')", "return ctx.x.x", "return ctx[1].x, ctx[2].x",
    "return ctx[1 + 1].x",
  ]) func doesNotGuess(_ body: String) async throws {
    let path = try await fault(body).nilPath
    #expect(path == nil || path == "ctx.a" || path == "ctx.x")
  }

  @Test func saysWhereAVariableGotItsNil() async throws {
    let text = try await fault("local labels = ctx.spec.labels\n  return labels.team").text
    #expect(text.contains("\n  labels is nil (line 3: ctx.spec.labels)"))
    let computed = try await fault("local a = tonumber(ctx.spec.x or 'x')\n  return a.b").text
    #expect(computed.contains("\n  a is nil\n"))
  }

  @Test func showsPlaceLineStackAndHash() async throws {
    let text = try await fault("return ctx.spec.topics.name").text
    #expect(text.hasPrefix("resources/x.lua:3: attempt to index a nil value (field 'topics')"))
    #expect(text.contains("\n    return ctx.spec.topics.name"))
    #expect(text.contains("\n  ctx.spec.topics is nil"))
    #expect(text.contains("\n  at resources/x.lua:3: in function 'run'"))
    #expect(text.contains("\n  resources.x has the hash "))
    #expect(text.utf8.count < 900)
  }
}
