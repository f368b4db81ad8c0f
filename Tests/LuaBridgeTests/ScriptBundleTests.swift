import JSONValue
import LuaBridge
import Testing

private func source(_ path: String, _ text: String) -> ScriptSource {
  let module = path.dropLast(4).replacing("/", with: ".")
  return ScriptSource(module: String(module), path: path, text: Array(text.utf8))
}

private let shipped = [
  source("lib/diff.lua", "return { name = 'shipped diff' }"),
  source("lib/names.lua", "return { name = 'shipped names' }"),
  source("resources/channel.lua", "return { kind = 'Channel', run = function() return 1 end }"),
]

private func results(
  _ bundle: ScriptBundle, _ module: String = "resources.channel"
) throws -> [JSONValue] {
  var run = ScriptRun(bundle: bundle, module: module, function: "run", arguments: [])
  switch run.resume() {
  case .finished(let bytes): return try JSONValue(parsing: bytes).arrayValue ?? []
  case .failed(let error): throw error
  default: return []
  }
}

@Test func everyFileThatFailsIsListed() throws {
  let error = try #require(throws: ScriptBundleError.self) {
    try ScriptBundle(sources: [
      source("resources/b.lua", "return {\n  a = ,\n}"),
      source("resources/a.lua", "local x = 1\nx y"),
      source("resources/good.lua", "return {}"),
    ])
  }
  #expect(
    error.description
      == """
      resources/a.lua:2: syntax error near 'y'
      resources/b.lua:2: unexpected symbol near ','
      """)
}

@Test func bytecodeIsNotScriptText() throws {
  let error = try #require(throws: ScriptBundleError.self) {
    try ScriptBundle(sources: [source("resources/a.lua", "\u{1b}Lua")])
  }
  #expect(error.problems.count == 1)
}

@Test func theHashFollowsTheContent() throws {
  let first = try ScriptBundle(sources: shipped)
  #expect(try ScriptBundle(sources: shipped.reversed()).hash == first.hash)
  #expect(first.hash.count == 32)
  var changed = shipped
  changed[0].text.append(UInt8(ascii: "\n"))
  let second = try ScriptBundle(sources: changed)
  #expect(second.hash != first.hash)
  #expect(second.hash(of: "lib.diff") != first.hash(of: "lib.diff"))
  #expect(second.hash(of: "lib.names") == first.hash(of: "lib.names"))
}

@Test func aModuleIsDescribedByItsDataAndFunctions() throws {
  let bundle = try ScriptBundle(sources: [
    source(
      "resources/role.lua",
      """
      local role = { kind = "Role", references = {{field = "guildId"}}, audit_action = 30,
        fields = {{ path = "name", compare = function() end }} }
      function role.update() end
      function role.observe() end
      return role
      """)
  ])
  #expect(
    try bundle.describe("resources.role") == [
      "kind": "Role", "references": [["field": "guildId"]], "audit_action": 30,
      "fields": [["path": "name"]], "functions": ["observe", "update"],
    ])
}

@Test func describingIsBoundedAndPerformsNothing() throws {
  let endless = try ScriptBundle(sources: [source("resources/a.lua", "while true do end")])
  #expect(throws: ScriptError.self) { try endless.describe("resources.a") }
  let acting = try ScriptBundle(sources: [
    source("lib/a.lua", "local perform = ...; perform{effect = 'x'}; return {}")
  ])
  let error = try #require(throws: ScriptError.self) { try acting.describe("lib.a") }
  #expect(error.kind == .load)
}

@Test func modulesThatRequireEachOtherAreAnError() throws {
  let bundle = try ScriptBundle(sources: [
    source("lib/a.lua", "require('lib.b') return {}"),
    source("lib/b.lua", "require('lib.a') return {}"),
  ])
  let error = try #require(throws: ScriptError.self) { try bundle.describe("lib.a") }
  #expect(error.message.contains("requires itself"))
}

@Test func aModuleIsLoadedOnce() throws {
  let bundle = try ScriptBundle(sources: [
    source("lib/a.lua", "return {}"),
    source(
      "resources/channel.lua",
      "return { run = function() return require('lib.a') == require('lib.a') end }"),
  ])
  #expect(try results(bundle) == [true])
}

@Test func aDirectoryOverridesAndExtendsWhatIsShipped() throws {
  let folder = try TemporaryFolder()
  try folder.write(
    "resources/channel.lua",
    """
    local shipped = require("shipped.channel")
    local channel = {}
    function channel.run()
      return shipped.kind, require("lib.diff").name, require("lib.names").name
    end
    return channel
    """)
  try folder.write("resources/channel_cases.lua", "this is no script")
  try folder.write("types/host.lua", "nor is this")
  try folder.write("lib/diff.lua", "return { name = 'own diff' }")
  let bundle = try ScriptBundle.load(directory: folder.path, shipped: shipped)
  #expect(try results(bundle) == ["Channel", "own diff", "shipped names"])
  #expect(bundle.modules.contains("shipped.channel"))
  #expect(!bundle.modules.contains { $0.contains("cases") || $0.contains("types") })
}

@Test func whatIsShippedIsAlsoThereByItsOtherName() throws {
  let bundle = try ScriptBundle.shipped(shipped)
  #expect(try results(bundle) == [1])
  #expect(try results(bundle, "shipped.channel") == [1])
}

@Test func aDirectoryWithoutScriptsIsRefused() throws {
  let folder = try TemporaryFolder()
  #expect(throws: ScriptBundleError.self) {
    try ScriptBundle.load(directory: folder.path, shipped: shipped)
  }
  #expect(throws: ScriptBundleError.self) {
    try ScriptBundle.load(directory: folder.path + "/none", shipped: shipped)
  }
}

@Test func aFileWithAnImpossibleNameIsReported() throws {
  let folder = try TemporaryFolder()
  try folder.write("resources/my-rule.lua", "return {}")
  let error = try #require(throws: ScriptBundleError.self) {
    try ScriptBundle.load(directory: folder.path, shipped: [])
  }
  #expect(error.description.contains("resources/my-rule.lua: "))
}

@Test func aBundleTakesOverWhatAnotherHasCompiled() throws {
  var first: ScriptBundle? = try ScriptBundle(sources: shipped)
  var changed = shipped
  changed[2] = source(
    "resources/channel.lua",
    "return { run = function() return require('lib.diff').name .. require('lib.names').name end }")
  let second = try ScriptBundle(sources: changed, reusing: [try #require(first)])
  // The same as if everything had been compiled.
  let alone = try ScriptBundle(sources: changed)
  #expect(second.hash == alone.hash)
  #expect(second.modules == alone.modules)
  for module in alone.modules { #expect(second.hash(of: module) == alone.hash(of: module)) }
  // It needs the other no longer.
  first = nil
  #expect(try results(second) == ["shipped diffshipped names"])
}

@Test func whatIsOtherwiseThanInTheOtherBundleIsCompiled() throws {
  let first = try ScriptBundle(sources: shipped)
  // The same text at another path: errors must show that.
  let moved = shipped.map {
    ScriptSource(module: $0.module, path: "moved/\($0.path)", text: $0.text)
  }
  let second = try ScriptBundle(
    sources: moved + [source("resources/bad.lua", "return { run = function() error('x') end }")],
    reusing: [first])
  let error = #expect(throws: ScriptError.self) { try results(second, "resources.bad") }
  #expect(error?.location == "resources/bad.lua:1")
  #expect(second.source(of: "lib.diff")?.path == "moved/lib/diff.lua")
  #expect(throws: ScriptBundleError.self) {
    try ScriptBundle(sources: [source("lib/diff.lua", "return {")], reusing: [first])
  }
}
