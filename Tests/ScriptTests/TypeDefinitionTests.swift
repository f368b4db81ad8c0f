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
}
