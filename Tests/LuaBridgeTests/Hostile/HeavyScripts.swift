import LuaBridge

/// Scripts that have one instruction, one call or one value do the work of millions.
let heavyScripts: [HostileScript] = [
  HostileScript(
    "a table that is its own __call", .fails(.memory),
    "local t = {} setmetatable(t, {__call = t}) t()"),
  HostileScript(
    "a ring of tables that call each other", .fails(.memory),
    """
    local a, b = {}, {}
    local m = {__call = b}
    setmetatable(a, m) setmetatable(b, {__call = a})
    while true do pcall(a) end
    """),
  HostileScript(
    "keys that collide when a table grows", .fails(.memory),
    """
    local t, step = {}, (1 << 18) - 1
    for j = 1, 131073 do t[j * step] = true end
    """),
  HostileScript(
    "keys that collide inside pcall", .fails(.memory),
    """
    local step = (1 << 14) - 1
    while true do pcall(function() local t = {} for j = 1, 8193 do t[j * step] = true end end) end
    """),
  HostileScript(
    "floats that collide", .fails(.memory),
    "local t = {} for j = 1, 131073 do t[1 + j * 2.0 ^ -52] = true end"),
  HostileScript(
    "keys that do not collide", .isHarmless,
    """
    local t = {}
    for i = 10000, 1, -1 do t[i] = i end
    for i = 1, 10000 do t[i + 0.5] = i t[-i] = i t[i << 40] = i end
    return t[10000] == 10000 and t[-10000] == 10000 and t[9999.5] == 9999
    """),
  HostileScript(
    "comparisons of a million zeros", .fails(.instructions),
    """
    local a, b = ('\\0'):rep(1000000) .. 'a', ('\\0'):rep(1000000) .. 'b'
    while true do local _ = a < b end
    """),
  HostileScript(
    "a chain of weak tables", .fails(.instructions),
    """
    local m, tables, keys = {}, {}, {}
    local function place(i) return i % 2 == 0 and i // 2 or 12000 - i // 2 end
    for i = 1, 12000 do tables[i], keys[i] = setmetatable({}, m), {} end
    for i = 1, 11999 do tables[place(i)][keys[i]] = keys[i + 1] end
    keys = nil
    m.__mode = 'k'
    while true do local garbage = {} end
    """),
  HostileScript(
    "weak by a name put together", .isHarmless,
    """
    local m = {}
    local t = setmetatable({}, m)
    m['__' .. 'mode'] = 'v'
    for i = 1, 100 do t[i] = {} end
    for i = 1, 200000 do local garbage = {} end
    return #t == 100
    """),
  HostileScript(
    "a numeral of a million digits as a limit", .fails(.instructions),
    "local s = ('0'):rep(1000000) while true do for i = 1, s do break end end"),
  HostileScript(
    "numerals of a million digits", .fails(.instructions),
    "local s = ('1'):rep(1000000) while true do pcall(math.floor, s) end"),
  HostileScript(
    "comparisons of long strings in a callback", .fails(.instructions),
    """
    local a, b = ('x'):rep(1000000) .. 'a', ('x'):rep(1000000) .. 'b'
    return tostring(setmetatable({}, {__tostring = function() while a < b do end end}))
    """),
  HostileScript(
    "long numerals in a callback", .fails(.instructions),
    """
    local s = ('1'):rep(1000000)
    return (('x'):gsub('.', function() while true do pcall(math.floor, s) end end))
    """),
  HostileScript(
    "a row of metatables", .fails(.instructions),
    """
    local t = {}
    for i = 1, 1900 do t = setmetatable({}, {__index = t}) end
    while true do local _ = t.x end
    """),
  HostileScript(
    "a first key behind many that are gone", .fails(.instructions),
    """
    local t = {}
    for i = 1, 300000 do t[i] = i end
    for i = 1, 299999 do t[i] = nil end
    while true do next(t) pairs(t) end
    """),
  HostileScript(
    "pairs over a hundred thousand names", .fails(.runtime),
    "local t = {} for i = 1, 100000 do t['k' .. i] = i end for _ in pairs(t) do end"),
  HostileScript(
    "sorting many numbers for ever", .fails(.instructions),
    """
    local t = {}
    for i = 1, 65000 do t[i] = i * 7919 % 65537 end
    while true do table.sort(t) table.insert(t, table.remove(t, 1)) end
    """),
  HostileScript(
    "numbers joined to a text", .fails(.runtime),
    "local t = {} for i = 1, 60000 do t[i] = 1.1e300 / i end return table.concat(t)"),
  HostileScript(
    "digits of large numbers", .fails(.instructions),
    """
    local t = {}
    for i = 1, 256 do t[i] = 1.7e308 / i end
    local format = ('%.99f'):rep(256)
    while true do string.format(format, table.unpack(t)) end
    """),
  HostileScript(
    "thousands of values in a format", .fails(.runtime),
    """
    local t = {}
    for i = 1, 2400 do t[i] = 1.7e308 end
    return string.format(('%.99f'):rep(2400), table.unpack(t))
    """),
  HostileScript(
    "a quoted text of zeros", .fails(.runtime),
    "return string.format('%q', ('\\0'):rep(240000))"),
  HostileScript(
    "thousands of long texts as bytes", .fails(.runtime),
    """
    local s, t = (' '):rep(1000000) .. '65', {}
    for i = 1, 4000 do t[i] = s end
    return #string.char(table.unpack(t))
    """),
  HostileScript(
    "thousands of long texts as characters", .fails(.runtime),
    """
    local s, t = (' '):rep(1000000) .. '65', {}
    for i = 1, 4000 do t[i] = s end
    return #utf8.char(table.unpack(t))
    """),
  HostileScript(
    "the largest of thousands of long texts", .fails(.runtime),
    """
    local s, t = ('1'):rep(1000000), {}
    for i = 1, 4000 do t[i] = s end
    return math.max(table.unpack(t))
    """),
  HostileScript(
    "the smallest of thousands of long texts", .fails(.runtime),
    """
    local s, t = ('1'):rep(1000000), {}
    for i = 1, 4000 do t[i] = s end
    return math.min(1, table.unpack(t))
    """),
  HostileScript(
    "hundreds of long texts as decimals", .fails(.runtime),
    """
    local s, t = (' '):rep(1000000) .. '65', {}
    for i = 1, 255 do t[i] = s end
    return string.format(('%d'):rep(255), table.unpack(t))
    """),
  HostileScript(
    "a quoted text many times", .fails(.runtime),
    """
    local s, t = ('\\0'):rep(60000), {}
    for i = 1, 255 do t[i] = s end
    return string.format(('%q'):rep(255), table.unpack(t))
    """),
  HostileScript(
    "short texts as numbers", .isHarmless,
    """
    return string.char('65', 66) == 'AB' and utf8.char('228') == 'ä' and math.max(7, 8) == 8
      and math.min(9, 8) == 8 and string.format('%d %5.1f', '3', '2.5') == '3   2.5'
    """),
  HostileScript(
    "one more than the longest table", .fails(.runtime),
    """
    local t = {}
    for i = 0, 62 do t[1 << i] = 1 end
    t[3], t[5], t[9], t[math.maxinteger] = 1, 1, 1, 1
    table.insert(t, 1)
    """),
  HostileScript(
    "the rest of the longest table", .fails(.instructions),
    """
    local t = {}
    for i = 0, 62 do t[1 << i] = 1 end
    t[3], t[5], t[9], t[math.maxinteger] = 1, 1, 1, 1
    while true do
      pcall(table.unpack, t) pcall(table.concat, t) pcall(table.sort, t)
      pcall(table.move, t, math.mininteger, math.maxinteger, 1)
      pcall(table.remove, t, math.mininteger) pcall(table.remove, t, 1)
    end
    """),
  HostileScript(
    "a long pattern without a sign", .fails(.instructions),
    "local s = ('a'):rep(1000000) while true do ('x'):find(s) end"),
  HostileScript(
    "an emptied table many times in a result", .fails(.result),
    """
    local t, r = {}, {}
    for i = 1, 300000 do t[i] = i end
    for i = 1, 300000 do t[i] = nil end
    for i = 1, 65000 do r[i] = t end
    return r
    """),
  HostileScript(
    "an emptied table many times in an effect", .fails(.effectTooLarge),
    """
    local t, r = {}, {}
    for i = 1, 300000 do t[i] = i end
    for i = 1, 300000 do t[i] = nil end
    for i = 1, 16000 do r[i] = t end
    require('lib.host').perform{effect = 'x', r = r}
    """),
  HostileScript(
    "arrays out of order inside each other", .isHarmless,
    """
    local t = ('x'):rep(900000)
    for i = 1, 14 do
      t = {t, a = nil, b = nil, c = nil, d = nil}
      t[2] = 1 t[3] = 1
    end
    require('lib.host').perform{effect = 'x', r = t}
    return true
    """),
  HostileScript(
    "effects that are refused late", .fails(.instructions),
    """
    local e = {effect = 'x', v = {('x'):rep(900000), x = 1}}
    while true do pcall(require('lib.host').perform, e) end
    """),
  HostileScript(
    "effects between the time slices", .fails(.instructions),
    """
    local perform = require('lib.host').perform
    for i = 1, 1000 do for j = 1, 49000 do end perform{effect = 'x'} end
    """),
]
