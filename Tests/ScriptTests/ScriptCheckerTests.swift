import JSONValue
import LuaBridge
import Testing

@testable import Engine

/// Each kind of fault is found at its place, and what is right is left alone.
@Suite struct ScriptCheckerTests {
  private static let definition: JSONValue = [
    "spec": [
      "names": ["kind": "Thing"],
      "versions": [
        [
          "storage": true,
          "schema": [
            "openAPIV3Schema": [
              "properties": [
                "spec": [
                  "properties": [
                    "forProvider": [
                      "properties": [
                        "topic": ["type": "string"],
                        "tags": [
                          "type": "array", "items": ["properties": ["name": ["type": "string"]]],
                        ],
                        "labels": ["type": "object", "additionalProperties": ["type": "string"]],
                      ]
                    ]
                  ]
                ]
              ]
            ]
          ],
        ]
      ],
    ]
  ]

  private static func rule(_ body: String, capabilities: String = "\"discord.read\"") -> String {
    """
    local discord = require("lib.discord")
    local thing = {
      kind = "Thing", group = "t.example.org", version = "v1", plural = "things",
      resource_type = "channel", capabilities = { \(capabilities) },
    }
    function thing.observe(ctx)
      discord.me()
    \(body)
      return { exists = ctx.external_name ~= nil }
    end
    return thing
    """
  }

  /// What is as long as the parser lets it be is walked through without an overflow, on a thread of the
  /// pool too.
  @Test(arguments: [" or 1", " .. ''", ".x", ":x()"])
  func aLongRowIsChecked(_ part: String) async throws {
    let count = part == " .. ''" ? 150 : 450
    let text = "return function(a) return a\(String(repeating: part, count: count)) end\n"
    #expect(try findings(text, path: "lib/row.lua").isEmpty)
  }

  private func findings(_ text: String, path: String = "resources/thing.lua") throws
    -> [ScriptFinding]
  {
    var files = [path: text]
    if !path.hasPrefix("resources/") { files["resources/thing.lua"] = Self.rule("") }
    let folder = try ScriptFolder(files)
    let checker = try ScriptChecker(
      directory: folder.path, shipped: try ShippedScripts.sources.get(),
      schemas: ResourceSchemas(definitions: [Self.definition]))
    return checker.findings()
  }

  /// Line 8 of the rule is the body's first.
  @Test(arguments: [
    ("x = ", ScriptFinding.Kind.syntax, 9, 3, "a value expected"),
    ("goto nowhere", .syntax, 11, 1, "no visible label 'nowhere'"),
    ("local a = pirnt", .undefinedGlobal, 8, 11, "undefined global 'pirnt'"),
    ("total = 1", .undefinedGlobal, 8, 1, "the global 'total' cannot be set"),
    ("function f() end", .undefinedGlobal, 8, 10, "write local function"),
    ("require(\"lib.disc\")", .unknownModule, 8, 9, "there is no module 'lib.disc'"),
    ("discord.chanel('1', '2')", .unknownFunction, 8, 9, "'channel' is meant?"),
    ("math.random()", .unknownFunction, 8, 6, "there is no math.random in the sandbox"),
    ("discord.request({ method = 'GET', path = '/', bdy = 1 })", .unknownField, 8, 47, "'body'"),
    ("discord.request({ method = 'GET' })", .missingField, 8, 17, "needs the field 'path'"),
    ("discord.me(1)", .unknownField, 8, 12, "takes 0 arguments, not 1"),
    ("do return ctx.externalname end", .unknownField, 8, 15, "'external_name' is meant?"),
    ("do return ctx.spec.topic end", .unknownField, 8, 20, "ctx.spec has only forProvider"),
    ("do return ctx.spec.forProvider.topik end", .unknownField, 8, 32, "'topic' is meant?"),
    ("local s = ctx.spec.forProvider; f(s.tpic)", .unknownField, 8, 37, "no 'tpic'"),
    ("do return ctx.spec.forProvider.tags[1].nme end", .unknownField, 8, 40, "tags[] has no 'nme'"),
    (
      "for _, t in ipairs(ctx.spec.forProvider.tags or {}) do f(t.nme) end", .unknownField, 8, 60,
      "no 'nme'"
    ),
    (
      "do return ctx.resource.spec.forProvider.topik end", .unknownField, 8, 41, "'topic' is meant?"
    ),
    ("if ctx then return { exits = true } end", .wrongReturn, 8, 22, "'exists' is meant?"),
    ("if ctx then return { ready = true } end", .wrongReturn, 8, 20, "needs the field 'exists'"),
    ("if ctx then return { exists = 1 } end", .wrongReturn, 8, 31, "must be true or false"),
    ("if ctx then return true end", .wrongReturn, 8, 20, "observe must return a table"),
    ("if ctx then return end", .wrongReturn, 8, 13, "observe must return a table"),
    ("if ctx then return nil end", .wrongReturn, 8, 13, "return nil and a failure"),
    ("if ctx then return nil, 'no' end", .wrongReturn, 8, 25, "a failure is a table"),
    ("if ctx then return nil, { reason = 'A' } end", .wrongReturn, 8, 25, "field 'message'"),
    (
      "discord.request({ method = 'POST', path = '/' })", .missingCapability, 8, 9,
      "\"discord.write\""
    ),
    ("local unused = 1", .unusedLocal, 8, 7, "'unused' is never used"),
    ("local a, b = 1, 2; f(a)", .unusedLocal, 8, 10, "'b' is never used"),
    ("local function f() end", .unusedLocal, 8, 16, "the local function 'f'"),
    ("local x; x = 1", .unusedLocal, 8, 7, "'x' is never used"),
    ("for i, t in ipairs({}) do discord.guild(t) end", .unusedLocal, 8, 5, "call it '_'"),
    ("local a = 1; local a = 2; f(a)", .unusedLocal, 8, 7, "'a' is never used"),
  ]) func finds(
    _ body: String, _ kind: ScriptFinding.Kind, _ line: Int, _ column: Int, _ message: String
  ) throws {
    let found = try findings(Self.rule(body))
    let finding = found.first { $0.kind == kind }
    #expect(finding?.position == LuaPosition(line: line, column: column), "\(found)")
    #expect(finding?.message.contains(message) == true, "\(found)")
  }

  @Test(arguments: [
    "local s = ctx.spec.forProvider; s = {}; s.any = 1; do return s.thing end",
    "if ctx.now then return { exists = true, observed = ctx.spec.forProvider.labels.any } end",
    "local copy = { table.unpack({ 1 }) }; if copy[1] == null then return { exists = true } end",
    "local topic = (ctx.resource.status or {}).atProvider; do return { exists = topic ~= nil } end",
    "for _, tag in ipairs(ctx.spec.forProvider.tags) do discord.guild(tag.name) end",
    "local _, failure = discord.me(); if failure then return nil, failure end",
    "local function again(n) return n > 0 and again(n - 1) end; again(3)",
    "local path = '/a'; discord.request({ ['method'] = 'GET', path = path })",
    "if not ctx.now then return nil, require('lib.result').invalid('topic', 'no') end",
    "local m = ctx.now; local r = { method = m, path = '/' }; discord.request(r)",
  ]) func leavesAloneWhatIsRight(_ body: String) throws {
    #expect(try findings(Self.rule(body)) == [])
  }

  @Test func aWriteInObserveIsFound() throws {
    let body = "discord.request({ method = \"DELETE\", path = \"/x\" })"
    let found = try findings(
      Self.rule(body, capabilities: "\"discord.read\", \"discord.write\""))
    #expect(found.map(\.message) == ["observe may only read: the engine refuses DELETE there"])
  }

  @Test func anEndWithoutAnAnswerIsFound() throws {
    let text = Self.rule("").replacing(
      "  return { exists = ctx.external_name ~= nil }", with: "  f(ctx)"
    )
    .replacing("local discord", with: "local f = tostring\nlocal discord")
    let found = try findings(text)
    #expect(found.map(\.kind) == [.wrongReturn])
    #expect(found.first?.message.contains("observe can end here") == true)
  }

  @Test func unknownEffectsAndTheirFieldsAreFoundInLibraries() throws {
    let text = """
      local perform = ...
      local mine = {}
      function mine.a() return perform({ effect = "discord.gild", guild_id = "1" }) end
      function mine.b() return perform({ effect = "discord.guild", guild = "1" }) end
      return mine
      """
    let found = try findings(text, path: "lib/mine.lua")
    #expect(
      found.map(\.message) == [
        "there is no effect 'discord.gild'; 'discord.guild' is meant?",
        "the effect discord.guild has no field 'guild'",
      ])
  }

  @Test func aRuleThatDoesNotDescribeItselfIsFound() throws {
    let found = try findings("return { kind = \"Thing\" }")
    #expect(found.map(\.kind) == [.load])
  }

  @Test func aFunctionThatTheFileAddsToAShippedRuleExists() throws {
    let text = """
      local channel = require("shipped.channel")
      local before = channel.desired
      function channel.topic_of(ctx)
        return before(ctx).topic
      end
      function channel.desired(ctx, observed)
        return { topic = channel.topic_of(ctx), was = observed, gone = channel.desird }
      end
      return channel
      """
    let found = try findings(text, path: "resources/channel.lua")
    #expect(
      found.map(\.message) == [
        "the module shipped.channel has no 'desird'; 'desired' is meant?"
      ])
  }

  @Test func theReportShowsTheLineAndACaret() throws {
    let found = try findings(Self.rule("\tlocal a = pirnt; tostring(a)"))
    let text = FindingReport.text(found, scripts: 1)
    #expect(text.contains("resources/thing.lua:8:12: undefined global 'pirnt'"))
    #expect(text.contains("  8 | \tlocal a = pirnt; tostring(a)\n    | \t          ^\n"))
    #expect(
      FindingReport.github(found, folder: "a").hasPrefix(
        "::error file=a/resources/thing.lua,line=8,col=12,title=undefined-global::undefined"))
    #expect(FindingReport.json(found, scripts: 1)["findings"]?[0]?["line"] == 8)
  }

  @Test func theListOfWhatTheSandboxHasIsTrue() async throws {
    var lines = ["local names = {}"]
    for name in ScriptEnvironment.globals.sorted() {
      lines.append("names[#names + 1] = type(\(name))")
    }
    for (library, members) in ScriptEnvironment.libraries.sorted(by: { $0.key < $1.key }) {
      for member in members.sorted() {
        lines.append(
          "if \(library).\(member) == nil then error(\"\(library).\(member)\") end")
      }
    }
    lines.append("return { run = function() return names end }")
    let text = lines.joined(separator: "\n")
    let bundle = try ScriptBundle(sources: [
      ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
    ])
    let outcome = try await ScriptRunner().run(
      bundle, module: "resources.x", function: "run", arguments: [], perform: { $0 })
    #expect(outcome.results.first?.arrayValue?.count == ScriptEnvironment.globals.count)
  }

  @Test func theListOfEffectsIsThatOfTheEngine() {
    #expect(
      Set(ScriptEnvironment.effects.keys)
        == EffectGate.reads.union(["log", "discord.request"]).union(RunbookEffects.all.keys))
  }
}
