-- Cases of role.lua: the role that every guild has, whose ID is the guild's.
local GUILD <const> = "900000000000000001"
local EVERYONE <const> = { id = GUILD, name = "@everyone", permissions = "1024", position = 0 }
local DISCORD <const> = { guild = { id = GUILD, name = "Team", roles = { EVERYONE } } }

local cases = {
  {
    name = "adopts @everyone and changes nothing but its permissions",
    call = "update",
    spec = { name = "everyone", guildId = GUILD, permissions = "VIEW_CHANNEL,SEND_MESSAGES" },
    external_name = GUILD,
    discord = DISCORD,
    expect = { effects = { { method = "PATCH", body = { permissions = "3072" } } } },
  },
  {
    name = "creates no second @everyone",
    call = "create",
    spec = { name = "@everyone", guildId = GUILD },
    discord = DISCORD,
    expect = {
      effects = {},
      failure = { reason = "InvalidSpec", field = "spec.forProvider.name" },
    },
  },
  {
    name = "releases @everyone",
    call = "delete",
    spec = { name = "everyone", guildId = GUILD },
    external_name = GUILD,
    discord = DISCORD,
    expect = { result = { released = true } },
  },
}

return { rule = "resources.role", cases = cases }
