/// A way in which scripts attack, with the hostile scripts that try it: the list of issue 3 and of the
/// known pitfalls of embedding Lua.
struct HostileCategory: Sendable {
  let name: String
  let scripts: [String]

  init(_ name: String, _ scripts: String...) {
    self.name = name
    self.scripts = scripts
  }

  static let all = [
    HostileCategory(
      "pcall loops", "pcall in a loop", "pcall in pcall in a loop", "pcall of pcall",
      "errors in a loop"),
    HostileCategory("coroutine loops", "a coroutine", "the global coroutine"),
    HostileCategory(
      "xpcall handlers", "an xpcall handler that loops",
      "an xpcall handler that outlives the budget",
      "an xpcall handler that raises for ever", "recursion through an error handler"),
    HostileCategory("__gc", "a __gc metamethod", "a __gc added later", "the global collectgarbage"),
    HostileCategory(
      "__close", "a loop in __close", "a __close added later",
      "a __close that runs when the budget is gone", "a for loop with a __close value"),
    HostileCategory(
      "__tostring", "a loop in __tostring", "a loop in __tostring of string.format",
      "an error object with a looping __tostring", "recursion through __tostring"),
    HostileCategory(
      "string.rep", "string.rep of a billion", "string.rep of nothing a quintillion times",
      "string.rep that overflows", "string.rep in a pcall loop"),
    HostileCategory(
      "string.format", "string.format of wide fields", "string.format of large strings",
      "an address by format"),
    HostileCategory(
      "pattern backtracking", "backtracking", "backtracking in a pcall loop",
      "backtracking through match", "backtracking through gmatch", "backtracking through gsub",
      "backtracking over captures"),
    HostileCategory(
      "table.concat", "table.concat of repeated text", "table.concat of one text many times",
      "table.concat of a wide range", "table.concat of an endless metatable"),
    HostileCategory(
      "sort comparators", "a loop in a sort comparator", "pcall loops in a sort comparator",
      "a loop in __lt while sorting", "a comparator that contradicts itself"),
    HostileCategory(
      "deep recursion", "endless recursion", "endless recursion inside pcall",
      "recursion through a metamethod", "recursion through gsub", "recursion through sort"),
    HostileCategory(
      "deep and cyclic return values", "a deep result", "a cyclic result",
      "a result that is shared 2^60 times"),
    HostileCategory(
      "huge strings through the string metatable", "string.rep through a string",
      "many large strings", "a doubling string", "the metatable of strings"),
    HostileCategory(
      "error objects", "an error object that is enormous", "an error object that is a function",
      "an error object that is cyclic", "an error object with a looping __index"),
    HostileCategory(
      "bytecode", "string.dump", "the global load", "the global loadstring", "the global loadfile",
      "the global dofile"),
    HostileCategory(
      "metatables of shared types", "the metatable of strings", "the metatable of arrays",
      "another metatable for string", "another metatable for an array", "a weak table"),
    HostileCategory(
      "global writes", "a new global", "a built-in set to nil", "a write to the environment",
      "rawset on the environment", "a write to string", "rawset on string"),
    HostileCategory(
      "require out of the bundle", "require out of the bundle", "require of a C library",
      "require of a number", "the global package"),
    HostileCategory(
      "a billion effects", "a billion effects", "a billion effects inside pcall"),
    HostileCategory(
      "an effect whose arguments are cyclic or enormous", "a cyclic effect",
      "cyclic effects in a pcall loop", "an enormous effect", "an enormous effect inside pcall",
      "an effect that is shared 2^60 times", "an effect that is too deep"),
    HostileCategory(
      "out of memory that pcall swallows", "a growing table inside pcall",
      "a growing table inside xpcall", "a doubling string inside pcall"),
    HostileCategory(
      "work in one call", "upper case of long strings", "plain searches of long strings",
      "sorting equal long strings", "table.move of a wide range", "table.unpack of a wide range",
      "pairs over a hundred thousand names", "numbers joined to a text", "digits of large numbers",
      "thousands of long texts as bytes", "the largest of thousands of long texts",
      "hundreds of long texts as decimals", "a quoted text many times"),
    HostileCategory(
      "functions that the library hands out", "the iterator of pairs over a text",
      "the iterator of pairs over a number", "the iterator of pairs over nothing",
      "the iterator of pairs after the last number", "the iterator of pairs after its end"),
    HostileCategory(
      "the largest integers", "one more than the longest table", "the rest of the longest table",
      "the iterator of pairs after the last number"),
    HostileCategory(
      "work in one instruction", "a table that is its own __call",
      "keys that collide when a table grows",
      "floats that collide", "comparisons of a million zeros", "a chain of weak tables",
      "a numeral of a million digits as a limit"),
    HostileCategory(
      "work in one result", "an emptied table many times in a result",
      "an emptied table many times in an effect", "arrays out of order inside each other",
      "effects that are refused late"),
    HostileCategory(
      "callbacks that cannot yield", "a loop in a gsub callback",
      "pcall loops in a gsub callback", "a loop in __index under pcall in a comparator",
      "comparisons of long strings in a callback", "long numerals in a callback"),
  ]
}
