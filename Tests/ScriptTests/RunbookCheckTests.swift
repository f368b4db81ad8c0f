import LuaBridge
import Testing

@testable import Engine

/// `scripts check` knows runbooks as well: their ctx, their thresholds, what they may ask.
@Suite struct RunbookCheckTests {
  private static func runbook(_ body: String, capabilities: String = #""kube.read""#) -> String {
    """
    local check = require("lib.check")
    local kube = require("lib.kube")
    local prom = require("lib.prom")
    local runbook = {
      runbook = "provider-down", code = "PDN", title = "Provider Down", owner = "Team",
      reviewed = "2026-11-25", alerts = {}, symptoms = {}, summary = "x",
      capabilities = { \(capabilities) },
      thresholds = { restarts = { default = 3, unit = "restarts/h", text = "x" } },
      checks = { { id = "PDN-001", run = "available", title = "a", category = "b" } },
      plans = { { id = "restart", build = "restart", title = "a", risk = "low", verify = {} } },
    }
    function runbook.available(ctx)
      local pods, err = kube.list("v1/pods", { namespace = ctx.target.namespace })
      if not pods then return check.unknown(err.message) end
    \(body)
      return check.pass(#pods .. " of " .. ctx.thresholds.restarts)
    end
    function runbook.restart(ctx) return { why = ctx.now, ops = array({}) } end
    tostring(prom)
    return runbook
    """
  }

  private func findings(_ text: String) throws -> [ScriptFinding] {
    let folder = try ScriptFolder(["runbooks/down.lua": text])
    return try ScriptChecker(
      directory: folder.path, shipped: try ShippedScripts.sources.get(),
      schemas: ResourceSchemas(definitions: [])
    ).findings()
  }

  @Test func aGoodRunbookHasNoFinding() throws {
    #expect(try findings(Self.runbook("")) == [])
  }

  @Test(arguments: [
    (
      "if ctx.spec then return check.pass('a') end", ScriptFinding.Kind.unknownField,
      "ctx has no 'spec'"
    ),
    ("if ctx.targt then return check.pass('a') end", .unknownField, "'target' is meant?"),
    ("if ctx.target.ns then return check.pass('a') end", .unknownField, "ctx.target has no 'ns'"),
    (
      "if ctx.thresholds.restart > 1 then return check.pass('a') end", .unknownField,
      "'restarts' is meant?"
    ),
    ("if check.passed then return check.pass('a') end", .unknownFunction, "no 'passed'"),
    (
      "if prom.query('up') then return check.pass('a') end", .missingCapability,
      "prom.query needs \"metrics.read\""
    ),
    ("if err then return end", .wrongReturn, "must return an outcome"),
    ("if err then return 'fine' end", .wrongReturn, "must return an outcome"),
    ("if err then return runbook.availabel(ctx) end", .unknownFunction, "'available' is meant?"),
  ]) func finds(_ body: String, _ kind: ScriptFinding.Kind, _ message: String) throws {
    let found = try findings(Self.runbook(body))
    #expect(found.map(\.kind) == [kind], "\(found)")
    #expect(found.first?.message.contains(message) == true, "\(found)")
    #expect(found.first?.position.line == 15, "\(found)")
  }

  @Test func aCheckThatEndsWithoutAWordIsFound() throws {
    let text = Self.runbook("").replacing(
      "function runbook.restart(ctx) return { why",
      with: "function runbook.restart(ctx) local _ = { why")
    #expect(try findings(text).map(\.kind) == [.wrongReturn])
  }

  @Test func whatTheDescriptionSaysIsWrongIsAFinding() throws {
    struct Wrong: Error, CustomStringConvertible {
      let description = "code must be capital letters"
    }
    let folder = try ScriptFolder(["runbooks/down.lua": Self.runbook("")])
    var checker = try ScriptChecker(
      directory: folder.path, shipped: try ShippedScripts.sources.get(),
      schemas: ResourceSchemas(definitions: []))
    checker.describeRunbook = { _, _ in throw Wrong() }
    let found = checker.findings()
    #expect(found.map(\.message) == ["code must be capital letters"])
    #expect(found.first?.position == LuaPosition(line: 4, column: 7))
  }
}
