import JSONValue
import LuaBridge
import Testing

@testable import Engine

/// The definitions say what the schemas and the annotations say.
@Suite struct TypeDefinitionTests {
  private static func definitions() throws -> TypeDefinitions {
    let forProvider: JSONValue = [
      "type": "object", "required": ["name"],
      "properties": [
        "name": ["type": "string", "description": "What it is\n  called."],
        "level": ["type": "integer", "enum": [0, 1]],
        "allow": ["x-kubernetes-int-or-string": true],
        "tags": [
          "type": "array",
          "items": ["type": "object", "properties": ["label": ["type": "string"]]],
        ],
        "labels": ["type": "object", "additionalProperties": ["type": "string"]],
        "private": ["type": "boolean", "description": "<b> is no type."],
        "a/b": ["type": "object", "properties": ["x": ["type": "string"]]],
        "share": ["enum": [0.5, 1, "all", .null], "description": "|half| or all."],
        "maybe": ["type": "string", "description": "? is none, [] neither."],
        "mail": [
          "type": "object", "properties": ["to": ["type": "string"]],
          "description": "@everyone @here",
        ],
      ],
    ]
    let definition: JSONValue = [
      "spec": [
        "names": ["kind": "Thing"],
        "versions": [
          [
            "schema": [
              "openAPIV3Schema": [
                "properties": [
                  "spec": ["type": "object", "properties": ["forProvider": forProvider]]
                ]
              ]
            ]
          ]
        ],
      ]
    ]
    return TypeDefinitions(
      schemas: ResourceSchemas(definitions: [definition]),
      api: HostAPI(try ShippedScripts.sources.get()))
  }

  @Test(arguments: [
    "---@class ThingContext : Context", "---@field spec ThingContextSpec",
    "---@field name string What it is called.", "---@field level? 0|1",
    "---@field allow? integer|string", "---@field tags? ThingForProviderTagsItem[]",
    "---@class ThingForProviderTagsItem\n---@field label? string\n",
    "---@field labels? table<string, string>",
    "---@field [\"private\"]? boolean \\<b> is no type.\n",
    "---@field [\"a/b\"]? ThingForProviderA_b\n", "---@class ThingForProviderA_b\n---@field x? ",
    "---@field share? number|1|\"all\"|nil \\|half| or all.\n",
    "---@field mail? ThingForProviderMail \\@everyone @here\n",
    "---@field maybe? string \\? is none, [] neither.\n",
    "--- \\@everyone @here\n---@class ThingForProviderMail\n",
  ]) func aKindHasItsFields(_ line: String) throws {
    #expect(try Self.definitions().files["rules/thing.lua"]?.contains(line) == true)
  }

  @Test func aModuleHasItsFunctionsWithTheirComments() throws {
    let text = try #require(try Self.definitions().files["lib/discord.lua"])
    #expect(text.hasPrefix("---@meta lib.discord\n"))
    #expect(
      text.contains(
        """
        --- The guild with its roles.
        ---@param guild_id string
        ---@return table|nil guild
        ---@return Failure|nil failure
        function discord.guild(guild_id) end
        """))
    let result = try #require(try Self.definitions().files["lib/result.lua"])
    #expect(result.contains("---@class Failure\n---@field reason string"))
  }

  @Test func everyDefinitionIsLua() throws {
    for (path, text) in try Self.definitions().files {
      #expect(throws: Never.self, "\(path)") { try LuaParser.parse(Array(text.utf8)) }
    }
  }

  /// LuaLS is not packaged where the tests run, so its rules are held against the files themselves:
  /// each is Lua, and each name of a type is defined or LuaLS's own.
  @Test func everyTypeThatIsNamedIsDefined() throws {
    let definitions = TypeDefinitions(
      schemas: try ShippedScripts.schemas(), api: HostAPI(try ShippedScripts.sources.get()))
    #expect(definitions.files.count >= 15)
    var known: Set<String> = [
      "any", "boolean", "fun", "integer", "nil", "number", "string", "table", "true", "false",
      "unknown", "self", "T", "const", "function",
    ]
    var named: [(name: String, line: String)] = []
    for (path, text) in definitions.files {
      #expect(throws: Never.self, "\(path)") { try LuaParser.parse(Array(text.utf8)) }
      for line in text.split(separator: "\n").map(String.init) {
        if line.hasPrefix("---@class ") || line.hasPrefix("---@alias ") {
          known.insert(String(line.dropFirst(10).prefix { $0 != " " }))
        }
        guard let type = Self.type(in: line) else { continue }
        named += Self.names(in: type).map { ($0, line) }
      }
    }
    for (name, line) in named {
      #expect(known.contains(name), "\(name) in \(line)")
    }
  }

  /// The type of an annotation's line.
  private static func type(in line: String) -> String? {
    for tag in ["---@field ", "---@param "] where line.hasPrefix(tag) {
      return HostAPI.AnnotationText.member(String(line.dropFirst(tag.count)))?.type
    }
    if line.hasPrefix("---@return ") {
      return HostAPI.AnnotationText.type(at: String(line.dropFirst(11))).type
    }
    if line.hasPrefix("---@class "), let colon = line.firstIndex(of: ":") {
      return String(line[line.index(after: colon)...])
    }
    return nil
  }

  /// The names of types in a type: neither literals nor the names of members and parameters.
  private static func names(in type: String) -> [String] {
    let bare = type.replacing(/"[^"]*"/, with: "").replacing(/[A-Za-z_]+\??\s*:/, with: "")
    return bare.matches(of: /[A-Za-z_][A-Za-z_0-9.]*/).map { String($0.output) }
  }
}
