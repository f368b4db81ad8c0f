import LuaBridge

/// Scripts that want all the memory.
let memoryScripts: [HostileScript] = [
  HostileScript(
    "a growing table", .fails(.memory), "local t = {} while true do t[#t + 1] = {} end"),
  HostileScript(
    "a growing table inside pcall", .fails(.memory),
    "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end"),
  HostileScript(
    "a growing table inside xpcall", .fails(.memory),
    "xpcall(function() local t = {} while true do t[#t + 1] = {} end end, function() return 'kept' end) return true"
  ),
  HostileScript(
    "a doubling string", .fails(.memory), "local s = 'x' while true do s = s .. s end"),
  HostileScript(
    "a doubling string inside pcall", .fails(.memory),
    "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end"),
  HostileScript(
    "many large strings", .fails(.memory),
    "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000000) .. i end"),
  HostileScript(
    "large strings that are thrown away", .fails(.instructions),
    "while true do local s = ('x'):rep(1000000) .. 'y' end"),
  HostileScript(
    "string.rep of a billion", .fails(.runtime), "return string.rep('x', 1000000000)"),
  HostileScript(
    "string.rep through a string", .fails(.runtime), "return ('x'):rep(1e9)"),
  HostileScript(
    "string.rep of nothing a quintillion times", .isHarmless, "return (''):rep(1 << 60) == ''"),
  HostileScript(
    "string.rep that overflows", .fails(.runtime), "return ('xxxx'):rep(math.maxinteger, 'yyyy')"),
  HostileScript(
    "string.rep in a pcall loop", .fails(.instructions),
    "while true do pcall(string.rep, 'x', 1 << 40) end"),
  HostileScript(
    "table.concat of repeated text", .fails(.memory),
    "local t = {} for i = 1, 100000 do t[i] = ('x'):rep(1000) end return table.concat(t)"),
  HostileScript(
    "table.concat of one text many times", .fails(.memory),
    "local s, t = ('x'):rep(100000), {} for i = 1, 10000 do t[i] = s end return table.concat(t)"),
  HostileScript(
    "table.concat of a wide range", .fails(.runtime),
    "return table.concat({}, 'x', 1, math.maxinteger)"),
  HostileScript(
    "table.concat of an endless metatable", .fails(.runtime),
    "return table.concat(setmetatable({}, {__index = type}), '', 1, 1 << 40)"),
  HostileScript(
    "string.format of wide fields", .fails(.runtime), "return string.format('%999999d', 1)"),
  HostileScript(
    "string.format of large strings", .fails(.memory),
    "local s = ('x'):rep(900000) return string.format(('%s'):rep(200), table.unpack((function() local t = {} for i = 1, 200 do t[i] = s end return t end)()))"
  ),
  HostileScript(
    "gsub that multiplies text", .fails(.memory),
    "return ((('x'):rep(100000)):gsub('.', ('y'):rep(10000)))"),
  HostileScript(
    "gsub that multiplies text inside pcall", .fails(.memory),
    "while true do pcall(string.gsub, ('x'):rep(100000), '.', ('y'):rep(10000)) end"),
  HostileScript(
    "table.unpack of a wide range", .fails(.runtime), "return table.unpack({}, 1, 1e8)"),
  HostileScript(
    "table.unpack that overflows", .fails(.runtime),
    "return table.unpack({}, math.mininteger, math.maxinteger)"),
  HostileScript(
    "string.byte of a long string", .fails(.runtime), "return ('x'):rep(1000000):byte(1, -1)"),
  HostileScript(
    "utf8.codepoint of a long string", .fails(.runtime),
    "return utf8.codepoint(('x'):rep(1000000), 1, -1)"),
  HostileScript(
    "endless recursion", .fails(.memory), "local function f() return 1 + f() end return f()"),
  HostileScript(
    "endless recursion inside pcall", .fails(.memory),
    "local function f() return 1 + f() end while true do pcall(f) end"),
  HostileScript(
    "recursion through pcall", .fails(.instructions),
    "local function f() return pcall(f), 1 end while true do f() end"),
  HostileScript(
    "recursion through a metamethod", .fails(.runtime),
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x"
  ),
  HostileScript(
    "recursion through gsub", .fails(.runtime),
    "local function f() return (('x'):gsub('.', f)) end return f()"),
  HostileScript(
    "recursion through gsub and pcall", .isHarmless,
    "local function f() pcall(string.gsub, 'x', '.', f) return 'y' end f() return true"),
  HostileScript(
    "recursion through sort", .fails(.runtime),
    "local function f() table.sort({2, 1}, f) return true end f()"),
  HostileScript(
    "recursion through __tostring", .fails(.runtime),
    "local t = {} setmetatable(t, {__tostring = function(x) return tostring(x) end}) return tostring(t)"
  ),
  HostileScript(
    "recursion through an error handler", .fails(.instructions),
    "local function h(e) return xpcall(error, h, e) end while true do xpcall(error, h) end"),
  HostileScript(
    "an error while an error is raised on a full stack", .fails(.memory),
    "local function f() local x <const> = 1 return f(f, f, f, f), error(f) end while true do pcall(f) end"
  ),
  HostileScript(
    "a tail call for ever", .fails(.instructions), "local function f() return f() end return f()"),
  HostileScript(
    "varargs that grow", .fails(.memory),
    """
    local function f(...)
      return (f(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...))
    end
    return f()
    """),
  HostileScript(
    "a life at the memory limit", .fails(.instructions),
    """
    local kept = {}
    for i = 1, 8 do kept[i] = {} for j = 1, 5000 do kept[i][j] = {j} end end
    for i = 1, 8 do for j = 1, 5000 do kept[i][j][2] = {} end end
    while true do local s = ('x'):rep(100000) .. 'y' end
    """),
  HostileScript(
    "every size of block in turn", .fails(.memory),
    """
    local t
    for size = 1, 30 do
      t = {}
      for i = 1, 20000 do t[i] = ('x'):rep(size * 16 + 1) .. i end
    end
    local all = {}
    while true do all[#all + 1] = {t} end
    """),
  HostileScript(
    "closures without end", .fails(.memory),
    "local f = function() end while true do local g = f f = function() return g() end end"),
]
