import LuaBridge
import Testing

@testable import Engine

/// Lua as seldom as the language allows it: no false alarm, and what the parser takes runs.
@Suite struct OddLuaTests {
  private static let script = ##"""
    --[==[ a long
    comment with ]] inside ]==]
    --[[ another ]] local discord = require "lib.discord"
    local log = require('lib.log')
    local text = [[
    first line is dropped]] .. [==[ ]] ]==]
    local a <const>, b <close> = 1 // 2, nil
    local hex, float, exp, hexf = 0xFFp-2, .5e-3, 1E+5, 0x.8p1
    local esc = "\z
       continued \x41\u{1F600}\065\"\'\
    end"
    local bits = ~5 & 3 | 4 ~ 2 << 1 >> 1
    local Base = {}
    Base.__index = Base
    function Base.new(...)
      local self = setmetatable({}, Base)
      local n = select("#", ...)
      self.args, self.n = { ... }, n
      return self
    end
    function Base:add(x, ...) self.n = self.n + x; return self, ... end
    function Base:chain() return self:add(1):add(2, "x"):add(#{ 3 }) end
    function Base.a() end
    Base.b = { c = {} }
    function Base.b.c.d() return 1 end
    function Base.b.c:e() return self end
    local mt = setmetatable({}, {
      __index = function(_, key) return key .. "!" end,
      __call = function(self, x) return rawlen(self) + x end,
      ["__eq"] = rawequal,
    })
    local thing = {
      kind = "Thing", group = "t.example.org", version = "v1", plural = "things";
      resource_type = "channel", capabilities = { "discord.read", "discord.write" },
      ["quoted key"] = 3, ["x" .. a] = 4,
    }
    local function fact(n) if n < 2 then return 1 else return n * fact(n - 1) end end
    local even, odd
    function even(n) if n == 0 then return true end return odd(n - 1) end
    function odd(n) if n == 0 then return false end return even(n - 1) end
    local function varargs(...)
      local first, second = ...
      local packed = table.pack(...)
      return first, second, packed.n, ...
    end
    local function gotos()
      for i = 1, 3 do
        for j = 1, 3 do
          if i == j then goto continue end
          do local unused_in_label = i; if unused_in_label > 2 then break end end
          ::continue::
        end
      end
      local i = 0
      ::top::
      i = i + 1
      if i < 3 then goto top end
      repeat local done = i > 5; i = i + 1 until done
      while true do if i > 10 then break end i = i + 1 end
      for k, v in next, { x = 1 } do if k == v then return end end
      for k = 10, 1, -1 do i = i - k end
      return i
    end
    function thing.observe(ctx)
      local x <close> = nil
      log.info(("%s %d"):format(text, #text), { hex = hex, float = float, exp = exp, hexf = hexf, esc = esc, bits = bits, b = b })
      local spec = ctx.spec.forProvider
      local name = spec["topic"] or spec.topic
      local _, second = varargs(1, 2, 3)
      local o = Base.new(1, 2):chain()
      if not (o.n == second) and even(2) and gotos() and fact(3) and mt(1) and not x then
        return nil, { reason = "Odd", message = name }
      elseif name then
        return { exists = true, diff = array({ { field = "topic", want = 1, got = null } }) }
      end
      local ok, err = pcall(error, { message = "x" })
      if not ok then log.warn(err.message) end
      do return { exists = false } end
    end
    function thing.update(ctx, observed) local r = { at_provider = { o = observed, i = ctx.external_name } } return r end
    thing.delete = function() return discord.request { method = "DELETE", path = "/x" } and {} or nil, { reason = "A", message = "b" } end
    thing["find"] = function(ctx) local ids = {} for _, c in ipairs(discord.channels("1") or {}) do ids[#ids+1] = c.id .. tostring(ctx.now_ms) end return array(ids) end
    return thing;
    """##

  private func folder() throws -> ScriptFolder {
    try ScriptFolder([
      "resources/thing.lua": Self.script,
      "resources/thing_cases.lua": """
      return { rule = "resources.thing", cases = {
        { name = "runs", call = "observe", spec = { topic = "x" },
              expect = { failure = { reason = "Odd" } } },
      } }
      """,
    ])
  }

  @Test func nothingIsFoundInWhatIsRight() throws {
    let folder = try folder()
    let checker = try ScriptChecker(
      directory: folder.path, shipped: try ShippedScripts.sources.get(),
      schemas: ResourceSchemas(definitions: []))
    #expect(checker.findings() == [])
  }

  @Test func itRuns() async throws {
    let folder = try folder()
    let suite = try CaseSuite(
      directory: folder.path, shipped: try ShippedScripts.sources.get())
    let report = await suite.run()
    #expect(report.succeeded, "\(report.text)")
  }

  /// What the parser knows differently from liblua would be a false alarm, or none where one is due.
  @Test(arguments: [
    ("return 1", true), ("return", true), ("return;", true), (";;;", true),
    ("local x <const> = 1", true),
    ("local x <const> = 1; x = 2", false), ("local x <other> = 1", false), ("goto a; ::a::", true),
    ("goto a", false), ("::a:: ::a::", false), ("break", false), ("while true do break end", true),
    ("for i = 1 do end", false), ("for i, j = 1, 2 do end", false),
    ("local function f.a() end", false),
    ("function f.a.b:c() end", true), ("function f:a.b() end", false), ("return ...", true),
    ("function f() return ... end", false), ("function f(...) return ... end", true),
    ("function f(..., a) end", false), ("f{1}.x'y':z[[w]]()", true), ("f\n(1)", true),
    ("a.b", false),
    ("a.b = 1", true), ("a() = 1", false), ("(a) = 1", false), ("(a).b = 1", true),
    ("a, b.c = 1", true),
    ("return 1 + ", false), ("return -2 ^ 2, not not a, #a .. -b", true),
    ("return 1 < 2 < 3", true),
    ("return 0x.1p4, 0xA, 1e5, .5, 3., 0x1p-2", true), ("return 0x", false), ("return 1e", false),
    ("return 3x", false), ("return 1..2", false), ("return '\\u{10FFFF}\\x41\\z  \\065'", true),
    ("return '\\u{80000000}'", false), ("return '\\300'", false), ("return '\\q'", false),
    ("return 'a\nb'", false), ("return 'a\\\nb'", true), ("return [[a", false),
    ("return [==[a]=]]==]", true),
    ("--[[ open", false), ("--[==[ ]] ]==] return 1", true),
    ("return a // b ~ c & d | e << f >> g", true),
    ("return ~a", true), ("return a ~= b", true), ("return a != b", false),
    ("local a = {1; 2, [3] = 4; x = 5,}", true),
    ("local a = {,}", false), ("repeat local x = 1 until x", true),
    ("if a then elseif b then else end", true),
    ("if a then else elseif b then end", false), ("local end = 1", false),
    ("return function() end", true),
    ("return function f() end", false), ("do local a <close> = nil end", true), ("x = = 1", false),
    ("return 'ü'", true), ("ü = 1", false), ("return a.end", false), ("return a['end']", true),
    ("local t <const>, u <close> = 1", true), ("return (...)", true), ("f'' ''", true),
    ("goto = 1", false),
  ]) func theParserAgreesWithLiblua(_ text: String, _ isLua: Bool) {
    let source = ScriptSource(
      module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
    let compiles = (try? ScriptBundle(sources: [source])) != nil
    #expect(compiles == isLua, "liblua")
    let parses = (try? LuaParser.parse(source.text)) != nil
    // Labels, attributes and the places of break and ... are left to liblua, which every script goes
    // through as well.
    let isLeftToLiblua = [
      "goto a", "::a:: ::a::", "break", "local x <const> = 1; x = 2", "local x <other> = 1",
      "function f() return ... end",
    ].contains(text)
    if !isLeftToLiblua { #expect(parses == isLua, "our parser") }
    if isLua { #expect(parses) }
  }
}
