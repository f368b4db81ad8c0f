import LuaBridge

/// Scripts that run for ever.
let loopScripts: [HostileScript] = [
  HostileScript("an endless loop", .fails(.instructions), "while true do end"),
  HostileScript("an endless goto", .fails(.instructions), "::top:: goto top"),
  HostileScript(
    "an endless loop inside pcall", .fails(.instructions),
    "return pcall(function() while true do end end)"),
  HostileScript(
    "pcall in a loop", .fails(.instructions),
    "while true do pcall(function() while true do end end) end"),
  HostileScript(
    "pcall in pcall in a loop", .fails(.instructions),
    "local function f() while true do pcall(f) end end f()"),
  HostileScript(
    "pcall of pcall", .fails(.instructions), "while true do pcall(pcall, pcall, error) end"),
  HostileScript(
    "errors in a loop", .fails(.instructions), "while true do pcall(error, {}) end"),
  HostileScript(
    "an xpcall handler that loops", .fails(.instructions),
    "xpcall(error, function() while true do end end)"),
  HostileScript(
    "an xpcall handler that outlives the budget", .fails(.instructions),
    "while true do xpcall(function() while true do end end, function() while true do end end) end"),
  HostileScript(
    "an xpcall handler that raises for ever", .fails(.instructions),
    "local function h() xpcall(error, h) error('again') end while true do xpcall(error, h) end"),
  HostileScript(
    "a coroutine", .fails(.runtime), "return coroutine.wrap(function() while true do end end)()"),
  HostileScript(
    "a loop in __index", .fails(.instructions),
    "return setmetatable({}, {__index = function() while true do end end}).x"),
  HostileScript(
    "a loop in __index under pcall in a comparator", .fails(.instructions),
    """
    local t = setmetatable({}, {__index = function() while true do end end})
    table.sort({1, 2, 3}, function() while true do pcall(function() return t.x end) end end)
    """),
  HostileScript(
    "a loop in __eq", .fails(.instructions),
    "local m = {__eq = function() while true do end end} return setmetatable({}, m) == setmetatable({}, m)"
  ),
  HostileScript(
    "a loop in __lt while sorting", .fails(.instructions),
    """
    local m = {__lt = function() while true do end end}
    table.sort({setmetatable({}, m), setmetatable({}, m)})
    """),
  HostileScript(
    "pcall loops in __lt while sorting", .fails(.instructions),
    """
    local m = {__lt = function() while true do pcall(function() while true do end end) end end}
    while true do pcall(table.sort, {setmetatable({}, m), setmetatable({}, m)}) end
    """),
  HostileScript(
    "a loop in __concat", .fails(.instructions),
    "return setmetatable({}, {__concat = function() while true do end end}) .. 'x'"),
  HostileScript(
    "a loop in __len", .fails(.instructions),
    "return #setmetatable({}, {__len = function() while true do end end})"),
  HostileScript(
    "a loop in __call", .fails(.instructions),
    "return setmetatable({}, {__call = function() while true do end end})()"),
  HostileScript(
    "a loop in __pairs", .fails(.instructions),
    "return pairs(setmetatable({}, {__pairs = function() while true do end end}))"),
  HostileScript(
    "a loop in __tostring", .fails(.instructions),
    "return tostring(setmetatable({}, {__tostring = function() while true do end end}))"),
  HostileScript(
    "a loop in __tostring of string.format", .fails(.instructions),
    """
    local t = setmetatable({}, {__tostring = function() while true do pcall(function() while true do end end) end end})
    while true do pcall(string.format, '%s', t) end
    """),
  HostileScript(
    "a loop in an iterator", .fails(.instructions), "for _ in function() return 1 end do end"),
  HostileScript(
    "a loop in a sort comparator", .fails(.instructions),
    "table.sort({3, 2, 1}, function() while true do end end)"),
  HostileScript(
    "pcall loops in a sort comparator", .fails(.instructions),
    "while true do pcall(table.sort, {3, 2, 1}, function() while true do pcall(error) end end) end"),
  HostileScript(
    "a comparator that contradicts itself", .isHarmless,
    "local t = {} for i = 1, 500 do t[i] = i % 7 end table.sort(t, function() return true end) return #t == 500"
  ),
  HostileScript(
    "a loop in a gsub callback", .fails(.instructions),
    "return (('x'):gsub('.', function() while true do end end))"),
  HostileScript(
    "pcall loops in a gsub callback", .fails(.instructions),
    """
    while true do
      pcall(string.gsub, 'xyz', '.', function() while true do pcall(function() while true do end end) end end)
    end
    """),
  HostileScript(
    "a gsub replacement table with a loop", .fails(.instructions),
    "return (('x'):gsub('.', setmetatable({}, {__index = function() while true do end end})))"),
  HostileScript(
    "an error object with a looping __tostring", .fails(.runtime),
    "error(setmetatable({}, {__tostring = function() while true do end end}))"),
  HostileScript(
    "an error object with a looping __index", .fails(.runtime),
    "error(setmetatable({}, {__index = function() while true do end end}))"),
  HostileScript(
    "a loop in __close", .fails(.runtime),
    "local x <close> = setmetatable({}, {__close = function() while true do end end})"),
  HostileScript(
    "a __close added later", .fails(.instructions),
    """
    local m = {}
    local t = setmetatable({}, m)
    m.__close = function() while true do pcall(function() while true do end end) end end
    pcall(function() local x <close> = t error('closing') end)
    """),
  HostileScript(
    "a __close that runs when the budget is gone", .fails(.instructions),
    """
    local m = {}
    local t = setmetatable({}, m)
    m.__close = function() while true do end end
    table.sort({2, 1}, function()
      return (('x'):gsub('.', function() local x <close> = t while true do end end))
    end)
    """),
  HostileScript(
    "a for loop with a __close value", .fails(.instructions),
    """
    local m = {}
    local t = setmetatable({}, m)
    m.__close = function() while true do end end
    for _ in next, {1, 2}, nil, t do break end
    """),
]
