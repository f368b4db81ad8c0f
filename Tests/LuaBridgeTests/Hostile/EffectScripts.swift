import LuaBridge

/// Scripts that attack through what they return and perform.
let effectScripts: [HostileScript] = [
  HostileScript(
    "a billion effects", .fails(.effects),
    "local host = require('lib.host') while true do host.perform{effect = 'x'} end"),
  HostileScript(
    "a billion effects inside pcall", .fails(.effects),
    "local host = require('lib.host') while true do pcall(host.perform, {effect = 'x'}) end"),
  HostileScript(
    "a cyclic effect", .fails(.runtime),
    "local e = {effect = 'x'} e.self = e require('lib.host').perform(e)"),
  HostileScript(
    "cyclic effects in a pcall loop", .fails(.instructions),
    "local e = {effect = 'x'} e.self = e while true do pcall(require('lib.host').perform, e) end"),
  HostileScript(
    "an enormous effect", .fails(.effectTooLarge),
    "local s = ('x'):rep(900000) require('lib.host').perform{effect = 'x', a = s, b = s}"),
  HostileScript(
    "an enormous effect inside pcall", .fails(.effectTooLarge),
    "local s = ('x'):rep(900000) pcall(require('lib.host').perform, {effect = 'x', a = s, b = s}) return true"
  ),
  HostileScript(
    "an effect that is shared 2^60 times", .fails(.effectTooLarge),
    "local t = {} for i = 1, 60 do t = {t, t} end require('lib.host').perform{effect = 'x', t = t}"),
  HostileScript(
    "an effect that is too deep", .fails(.runtime),
    "local t = {} for i = 1, 1000 do t = {t} end require('lib.host').perform{effect = 'x', t = t}"),
  HostileScript("an effect that is no table", .fails(.runtime), "require('lib.host').perform('x')"),
  HostileScript("an effect without a name", .fails(.runtime), "require('lib.host').perform{}"),
  HostileScript(
    "an effect with a function", .fails(.runtime),
    "require('lib.host').perform{effect = 'x', f = error}"),
  HostileScript(
    "an effect whose name is behind __index", .fails(.runtime),
    "require('lib.host').perform(setmetatable({}, {__index = function() while true do end end}))"),
  HostileScript("a cyclic result", .fails(.result), "local t = {} t.t = {t} return t"),
  HostileScript(
    "a deep result", .fails(.result), "local t = {} for i = 1, 5000 do t = {t} end return t"),
  HostileScript(
    "a result that is shared 2^60 times", .fails(.result),
    "local t = {} for i = 1, 60 do t = {t, t} end return t"),
  HostileScript(
    "an enormous result", .fails(.result),
    "local s, t = ('x'):rep(900000), {} for i = 1, 50 do t[i] = s end return t"),
  HostileScript(
    "many results", .fails(.result),
    "return table.unpack((function() local s, t = ('x'):rep(100000), {} for i = 1, 500 do t[i] = s end return t end)())"
  ),
  HostileScript("a function as a result", .fails(.result), "return function() end"),
  HostileScript("bytes that are no text", .fails(.result), "return '\\xff\\xfe'"),
  HostileScript(
    "a key that is no text", .fails(.result), "return {['\\xff'] = 1}"),
  HostileScript("not a number", .fails(.result), "return {0/0}"),
  HostileScript(
    "a sparse array", .fails(.result), "return {[1] = 1, [1 << 50] = 2}"),
  HostileScript(
    "an error object that is enormous", .fails(.runtime), "error(('x'):rep(1000000))"),
  HostileScript("an error object that is a function", .fails(.runtime), "error(error)"),
  HostileScript(
    "an error object that is cyclic", .fails(.runtime), "local t = {} t.message = t error(t)"),
]
