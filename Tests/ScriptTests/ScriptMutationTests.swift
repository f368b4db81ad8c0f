import Engine
import Foundation
import JSONValue
import LuaBridge
import Testing

/// Slips of the pen in copies of our own scripts: each is found where it is, with its line.
@Suite struct ScriptMutationTests {
  /// One change of one file.
  struct Slip: Sendable, CustomTestStringConvertible {
    let file: String
    let kind: ScriptFinding.Kind
    let right: String
    let wrong: String

    init(_ file: String, _ kind: ScriptFinding.Kind, _ right: String, _ wrong: String) {
      self.file = file
      self.kind = kind
      self.right = right
      self.wrong = wrong
    }

    var testDescription: String { "\(file): \(wrong)" }
  }

  static let slips = [
    Slip(
      "resources/role.lua", .unknownField, "local id = ctx.external_name\n",
      "local id = ctx.externalName\n"),
    Slip(
      "resources/role.lua", .unknownField, "spec.unicodeEmoji)",
      "spec.unicode_emoji)"),
    Slip(
      "resources/role.lua", .unknownFunction, "discord.role(guild_id, id)",
      "discord.roles(guild_id, id)"),
    Slip(
      "resources/role.lua", .unknownField, "discord.role(guild_id, id)",
      "discord.role(guild_id, id, true)"),
    Slip(
      "resources/role.lua", .unknownFunction, "diff.is_absent(spec.permissions)",
      "diff.isAbsent(spec.permissions)"),
    Slip(
      "resources/role.lua", .unknownModule, "require(\"lib.colors\")",
      "require(\"lib.colour\")"),
    Slip(
      "resources/role.lua", .wrongReturn, "return { released = true }",
      "return { release = true }"),
    Slip(
      "resources/role.lua", .missingCapability,
      "capabilities = { \"discord.read\", \"discord.write\" }",
      "capabilities = { \"discord.read\" }"),
    Slip(
      "resources/role.lua", .missingCapability,
      "capabilities = { \"discord.read\", \"discord.write\" }",
      "capabilities = { \"discord.write\" }"),
    Slip(
      "resources/role.lua", .load, "capabilities = { \"discord.read\", \"discord.write\" }",
      "capabilities = { \"discord.read\", \"discord.writ\" }"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "  local ids = {}\n",
      "  ids = {}\n"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "ids[#ids + 1] = candidate.id",
      "ids[#ids + 1] = candidat.id"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "return array(ids)",
      "return Array(ids)"),
    Slip(
      "resources/role.lua", .wrongReturn, "    external_name = created.id,\n",
      ""),
    Slip(
      "resources/role.lua", .wrongReturn, "    exists = true,\n    observed = observed,\n    diff",
      "    exist = true,\n    observed = observed,\n    diff"),
    Slip(
      "resources/role.lua", .wrongReturn, "return array(ids)\n",
      "local _ = array(ids)\n"),
    Slip(
      "resources/role.lua", .syntax, "  if not snowflake.is(id) then",
      "  if not snowflake.is(id)"),
    Slip(
      "resources/role.lua", .syntax, "if value == null then",
      "if value = null then"),
    Slip(
      "resources/role.lua", .syntax, "if not created then",
      "if created != nil then"),
    Slip(
      "resources/role.lua", .unusedLocal, "local guild_id = context.guild_id(ctx)\n  local created",
      "local guild_id, unused = context.guild_id(ctx)\n  local created"),
    Slip(
      "resources/role.lua", .unknownField, "{ method = \"PATCH\", path = path, body = body }",
      "{ method = \"PATCH\", url = path, body = body }"),
    Slip(
      "resources/role.lua", .missingField, "{ method = \"PATCH\", path = path, body = body }",
      "{ method = \"PATCH\", body = body }"),
    Slip(
      "resources/role.lua", .missingCapability,
      "observed, failure = discord.role(guild_id, id)",
      "observed, failure = discord.request({ method = \"PUT\", path = \"/x\" })"),
    Slip(
      "resources/role.lua", .unknownFunction, "string.format(\"role %q\"",
      "string.fromat(\"role %q\""),
    Slip(
      "resources/role.lua", .wrongReturn,
      "return nil, result.invalid(\"guildId\", \"the guild of the role is not known\")",
      "return nil"),
    Slip(
      "resources/role.lua", .wrongReturn,
      "return nil, result.invalid(\"guildId\", \"the guild of the role is not known\")",
      "return nil, \"unknown\""),
    Slip(
      "resources/role.lua", .wrongReturn,
      "return nil, result.invalid(\"guildId\", \"the guild of the role is not known\")",
      "return false"),
    Slip(
      "resources/role.lua", .unknownField,
      "return nil, result.invalid(\"guildId\", \"the guild of the role is not known\")",
      "return nil, { reason = 'X', mesage = 'y' }"),
    Slip(
      "resources/role.lua", .missingField,
      "return nil, result.invalid(\"guildId\", \"the guild of the role is not known\")",
      "return nil, result.invalid(\"guildId\")"),
    Slip(
      "resources/role.lua", .unknownFunction, "function role.observe(ctx, answer)",
      "function role.observ(ctx, answer)"),
    Slip(
      "resources/guild.lua", .load, "function guild.observe(ctx)",
      "function guild.observ(ctx)"),
    Slip(
      "resources/role.lua", .unknownField, "ctx.spec.forProvider\n  return require",
      "ctx.spec.for_provider\n  return require"),
    Slip(
      "resources/role.lua", .unknownField, "ctx.spec.forProvider\n  return require",
      "ctx.resource.metadata.labels.x and ctx.resource.spec.forProvider.nme\n  return require"),
    Slip(
      "resources/role.lua", .unknownFunction, "return require(\"lib.refusals\").explain(",
      "return require(\"lib.refusals\").explained("),
    Slip(
      "resources/role.lua", .undefinedGlobal, "return role\n",
      "return roles\n"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "local function same_color(want",
      "local function same_colour(want"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "  body.permissions = body.permissions or \"0\"",
      "  os.time()"),
    Slip(
      "resources/role.lua", .undefinedGlobal, "  body.permissions = body.permissions or \"0\"",
      "  print(body)"),
    Slip(
      "resources/role.lua", .unknownFunction,
      "  return { at_provider = role.at_provider(ctx, updated, body.icon) }",
      "  return role.at_provider(ctx, updated, body.icon), true, role.atprovider"),
    Slip(
      "resources/channel.lua", .unknownField, "spec.permissionOverwrites then",
      "spec.permissionOverwrite then"),
    Slip(
      "resources/channel.lua", .unknownField, "ctx.spec.forProvider.position",
      "ctx.spec.forProvider.positon"),
    Slip(
      "resources/channel.lua", .load, "references = {\n    {\n      field = \"guildId\"",
      "references = {\n    {\n      feild = \"guildId\""),
    Slip(
      "resources/guild.lua", .syntax, "return guild\n",
      "return guild +\n"),
    Slip(
      "resources/guild.lua", .load, "return guild\n",
      ""),
    Slip(
      "lib/discord.lua", .unknownFunction, "effect = \"discord.guilds\"",
      "effect = \"discord.gilds\""),
    Slip(
      "lib/discord.lua", .unknownField, "guild_id = guild_id, id = id",
      "guild_id = guild_id, role = id"),
    Slip(
      "resources/role_cases.lua", .load, "return { rule",
      "return { rules"),
  ]

  @Test(arguments: slips) func aSlipIsFoundInItsFileWithItsLine(_ slip: Slip) throws {
    let shipped = try ShippedScripts.sources.get()
    let cases = try ScriptSource.readCases(directory: ShippedScripts.directory)
    var files = Dictionary(
      uniqueKeysWithValues: (shipped + cases).map {
        ($0.path, String(decoding: $0.text, as: UTF8.self))
      })
    let text = try #require(files[slip.file])
    let place = try #require(text.range(of: slip.right), "the script changed: adapt the slip")
    files[slip.file] = text.replacingCharacters(in: place, with: slip.wrong)
    let folder = try ScriptFolder(files)
    let findings = try ScriptChecker(
      directory: folder.path, shipped: shipped, schemas: ShippedScripts.schemas()
    ).findings()
    #expect(findings.contains { $0.kind == slip.kind }, "\(findings)")
    #expect(findings.allSatisfy { $0.path == slip.file && $0.sourceLine != nil }, "\(findings)")
    // One slip is one finding, or its few consequences; never a page.
    #expect(findings.count <= 4, "\(findings)")
  }

  @Test func theUnchangedScriptsHaveNoFinding() throws {
    let checker = try ScriptChecker(
      directory: ShippedScripts.directory, shipped: try ShippedScripts.sources.get(),
      schemas: ShippedScripts.schemas())
    #expect(checker.findings() == [])
  }
}
