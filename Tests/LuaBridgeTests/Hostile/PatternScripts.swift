import LuaBridge

/// Scripts whose single calls take long.
let patternScripts: [HostileScript] = [
  HostileScript(
    "backtracking", .fails(.runtime), "return ('a'):rep(40):find(('a*'):rep(20) .. 'b')"),
  HostileScript(
    "backtracking in a pcall loop", .fails(.instructions),
    "while true do pcall(string.find, ('a'):rep(40), ('a*'):rep(20) .. 'b') end"),
  HostileScript(
    "backtracking through match", .fails(.runtime),
    "return ('a'):rep(1000):match(('a-'):rep(30) .. 'b')"),
  HostileScript(
    "backtracking through gmatch", .fails(.runtime),
    "for _ in ('a'):rep(1000):gmatch(('a?'):rep(30) .. ('a*'):rep(10) .. 'b') do end"),
  HostileScript(
    "backtracking through gsub", .fails(.runtime),
    "return (('a'):rep(1000):gsub(('.*'):rep(10) .. 'b', ''))"),
  HostileScript(
    "backtracking over captures", .fails(.runtime),
    "return ('a'):rep(500):match('(.*)(.*)(.*)(.*)(.*)b%1')"),
  HostileScript(
    "a balance over a long subject", .fails(.runtime),
    "return ('('):rep(100000):find('%b()')"),
  HostileScript(
    "a frontier of a long set", .fails(.runtime),
    "return ('x'):rep(100000):find('%f[' .. ('ab'):rep(1500) .. ']')"),
  HostileScript(
    "a pattern of a million bytes", .fails(.runtime),
    "return ('x'):find('[' .. ('a'):rep(999000) .. ']')"),
  HostileScript(
    "nested captures", .fails(.runtime), "return ('x'):find(('('):rep(40) .. 'x' .. (')'):rep(40))"),
  HostileScript(
    "a deep pattern", .fails(.runtime), "return ('a'):rep(1000):find(('a?'):rep(1000))"),
  HostileScript("a pattern without its end", .fails(.runtime), "return ('x'):find('[a')"),
  HostileScript("a pattern that ends with %", .fails(.runtime), "return ('x'):find('%')"),
  HostileScript("a set that ends with %", .fails(.runtime), "return ('x'):find('[%')"),
  HostileScript("%b without its pair", .fails(.runtime), "return ('x'):find('%b')"),
  HostileScript("%f without its set", .fails(.runtime), "return ('x'):find('%f')"),
  HostileScript("a capture of the future", .fails(.runtime), "return ('x'):find('%1(x)')"),
  HostileScript("a capture inside itself", .fails(.runtime), "return ('xx'):find('(x%1)')"),
  HostileScript(
    "a capture too many in a replacement", .fails(.runtime), "return (('x'):gsub('x', '%2'))"),
  HostileScript(
    "plain searches of long strings", .fails(.instructions),
    "local s = ('a'):rep(1000000) while true do s:find('b', 1, true) end"),
  HostileScript(
    "upper case of long strings", .fails(.instructions),
    "local s = ('a'):rep(1000000) while true do s:upper() end"),
  HostileScript(
    "lengths of long strings in UTF-8", .fails(.instructions),
    "local s = ('a'):rep(1000000) while true do utf8.len(s) end"),
  HostileScript(
    "sorting equal long strings", .fails(.instructions),
    """
    local a, t = ('a'):rep(500000), {}
    for i = 1, 20 do t[i] = a .. i % 2 end
    local u = {}
    for i = 1, 60000 do u[i] = t[i % 20 + 1] end
    table.sort(u)
    """),
  HostileScript(
    "sorting a million numbers", .fails(.runtime),
    "local t = {} for i = 1, 500000 do t[i] = -i end table.sort(t)"),
  HostileScript(
    "inserting at the front for ever", .fails(.instructions),
    "local t = {} while true do table.insert(t, 1, 0) end"),
  HostileScript(
    "table.move of a wide range", .fails(.instructions),
    "return table.move({}, 1, 1 << 40, 2)"),
  HostileScript(
    "table.sort with a false length", .isHarmless,
    "table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = type})) return true"
  ),
  HostileScript(
    "tonumber of a long text", .isHarmless, "return tonumber(('1'):rep(1000000)) == nil"),
  HostileScript(
    "pairs over many keys for ever", .fails(.instructions),
    "local t = {} for i = 1, 10000 do t['k' .. i] = i end while true do pairs(t) end"),
]
