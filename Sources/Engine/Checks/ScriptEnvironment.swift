/// What scripts find in their sandbox. A test holds these lists against the sandbox itself.
package enum ScriptEnvironment {
  /// The globals.
  package static let globals: Set<String> = [
    "array", "assert", "error", "getmetatable", "ipairs", "math", "next", "null", "pairs", "pcall",
    "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "string",
    "table", "tonumber", "tostring", "type", "utf8", "xpcall",
  ]

  /// The members of the libraries among them.
  package static let libraries: [String: Set<String>] = [
    "string": [
      "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse",
      "sub", "upper",
    ],
    "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
    "math": [
      "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log",
      "max", "maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan",
      "tointeger", "type", "ult",
    ],
    "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
  ]

  /// The effects, with their members besides "effect".
  package static let effects = ruleEffects.merging(
    RunbookEffects.all.mapValues(\.members)
  ) { rule, _ in rule }

  private static let ruleEffects: [String: Set<String>] = [
    "log": ["level", "message", "fields"],
    "discord.request": ["method", "path", "query", "body", "reason", "guild_id"],
    "discord.guild": ["guild_id"],
    "discord.channels": ["guild_id"],
    "discord.channel": ["guild_id", "id"],
    "discord.role": ["guild_id", "id"],
    "discord.guilds": [],
    "discord.me": [],
  ]

  /// The members of `ctx`.
  package static let context: Set<String> = [
    "resource", "spec", "external_name", "now", "now_ms", "stored", "created_after", "objects",
  ]

  /// The members of `ctx` in a runbook.
  package static let runbookContext: Set<String> = [
    "runbook", "check", "plan", "now", "now_ms", "since", "target", "thresholds", "contacts",
    "values", "alert", "results", "inputs",
  ]

  /// The members of its `target`.
  package static let runbookTarget: Set<String> = [
    "namespace", "deployment", "app_label", "container", "flavour", "context", "provider",
    "runtime_config", "lease", "pod", "network_policy", "reachable", "problem", "discord",
    "provider_config", "secret", "guilds",
  ]

  /// The members of what each function of a rule returns; no entry for a list.
  package static let returns: [String: Set<String>] = [
    "observe": ["exists", "observed", "diff", "at_provider", "ready", "external_name"],
    "create": ["external_name", "at_provider", "observation"],
    "update": ["at_provider"],
    "delete": ["released"],
    "arrange": ["moves", "placements"],
  ]

  /// The members without which an answer is of no use.
  package static let requiredReturns: [String: String] = [
    "observe": "exists", "create": "external_name", "arrange": "moves",
  ]

  /// The members of a failure.
  package static let failure: Set<String> = [
    "reason", "message", "field", "terminal", "retry_after", "code", "status", "errors",
  ]

  /// The functions that the engine calls.
  package static let functions: Set<String> = [
    "observe", "create", "update", "delete", "find", "arrange",
  ]

  /// Those of them that only read.
  package static let readers: Set<String> = ["observe", "find", "arrange"]
}
