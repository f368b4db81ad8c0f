import LuaBridge

/// Scripts that look for a way out.
let sandboxScripts: [HostileScript] =
  [
    "load", "loadstring", "dofile", "loadfile", "debug", "io", "os", "package", "collectgarbage",
    "print", "coroutine", "warn", "_G", "newproxy", "setfenv", "perform",
  ].map { name in
    HostileScript("the global \(name)", .fails(.runtime), "return \(name)")
  } + [
    HostileScript("string.dump", .isHarmless, "return string.dump == nil and ('x').dump == nil"),
    HostileScript(
      "math.random", .isHarmless, "return math.random == nil and math.randomseed == nil"),
    HostileScript("string.pack", .isHarmless, "return string.pack == nil and string.unpack == nil"),
    HostileScript(
      "a __gc metamethod", .fails(.runtime), "setmetatable({}, {__gc = function() end})"),
    HostileScript(
      "a __gc added later", .isHarmless,
      """
      local hit = false
      local m = {}
      for i = 1, 20000 do setmetatable({}, m) end
      m.__gc = function() hit = true while true do end end
      for i = 1, 20000 do local t = setmetatable({}, {}) end
      return not hit
      """),
    HostileScript("a weak table", .fails(.runtime), "setmetatable({}, {__mode = 'k'})"),
    HostileScript("the metatable of strings", .isHarmless, "return getmetatable('x') == false"),
    HostileScript(
      "the metatable of arrays", .isHarmless, "return getmetatable(array()) == 'array'"),
    HostileScript(
      "another metatable for an array", .fails(.runtime), "setmetatable(array(), {})"),
    HostileScript(
      "another metatable for string", .fails(.runtime), "setmetatable(string, {})"),
    HostileScript("a write to string", .fails(.runtime), "string.format = nil"),
    HostileScript("a write to table", .fails(.runtime), "table.extra = 1"),
    HostileScript("a write to math", .fails(.runtime), "math.pi = 3"),
    HostileScript("rawset on string", .fails(.runtime), "rawset(string, 'format', nil)"),
    HostileScript("table.insert into string", .fails(.runtime), "table.insert(string, 1)"),
    HostileScript("table.move into string", .fails(.runtime), "table.move({1}, 1, 1, 1, string)"),
    HostileScript("a new global", .fails(.runtime), "leaked = true"),
    HostileScript("a built-in set to nil", .fails(.runtime), "pcall = nil"),
    HostileScript("a write to the environment", .fails(.runtime), "_ENV.leaked = true"),
    HostileScript("rawset on the environment", .fails(.runtime), "rawset(_ENV, 'leaked', true)"),
    HostileScript(
      "another environment", .isHarmless,
      "local type = type do local _ENV = {} leaked = 1 end return type(string) == 'table'"),
    HostileScript(
      "require out of the bundle", .fails(.runtime), "return require('../../etc/passwd')"),
    HostileScript("require of a C library", .fails(.runtime), "return require('socket.core')"),
    HostileScript("require of a number", .fails(.runtime), "return require({})"),
    HostileScript("an address by format", .fails(.runtime), "return string.format('%p', {})"),
    HostileScript(
      "an address by tostring", .isHarmless,
      "return tostring({}) == 'table' and tostring(type) == 'function'"),
    HostileScript(
      "an address by %s", .isHarmless, "return string.format('%s', {}) == 'table'"),
    HostileScript(
      "the iterator of pairs over a text", .fails(.runtime),
      "local next_element = pairs({1, 2, 3}) return next_element(('x'):rep(100), 0)"),
    HostileScript(
      "the iterator of pairs over a number", .fails(.runtime),
      "local next_element = pairs({1, 2, 3}) return next_element(0x4141414141414141, 0)"),
    HostileScript(
      "the iterator of pairs over nothing", .fails(.runtime),
      "local next_element = pairs({}) return next_element(nil, 0)"),
    HostileScript(
      "the iterator of pairs after the last number", .isHarmless,
      "local next_element = pairs({1}) return next_element({}, math.maxinteger) == nil"),
    HostileScript(
      "the iterator of pairs after its end", .isHarmless,
      """
      local step = pairs({a = 1, b = 2})
      for i = 1, 10 do step(nil, i) step('x') step() end
      return step() == nil
      """),
    HostileScript(
      "a library as a table of its own", .isHarmless,
      "return next(string) == nil and rawlen(table) == 0 and rawget(math, 'pi') == nil"),
    HostileScript(
      "an environment that is constant", .fails(.runtime),
      "local _ENV <const> = 1 leaked = 2"),
    HostileScript(
      "a __name that pretends", .isHarmless,
      "return tostring(setmetatable({}, {__name = 'number'})) == 'table'"),
  ]
