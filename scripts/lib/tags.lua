-- Tags and emoji of forum and media channels.
local diff = require("lib.diff")

local tags = {}

local function or_null(value)
  if diff.is_absent(value) or value == "" then
    return null
  end
  return value
end

-- Emoji with and without the variation selector U+FE0F look the same, and services drop it.
local function plain(emoji)
  return emoji ~= null and (emoji:gsub("\u{FE0F}", "")) or emoji
end

--- An emoji of the spec in Discord's shape, or null when it has neither ID nor name.
---@param value { emojiId?: string, emojiName?: string }
---@return table|nil
function tags.emoji(value)
  local id, name = or_null(value.emojiId), or_null(value.emojiName)
  if id == null and name == null then
    return null
  end
  -- Discord takes one of them: the ID of the guild's own emoji, or a Unicode character.
  return { emoji_id = id, emoji_name = id == null and name or null }
end

--- Whether two emoji in Discord's shape are the same. A custom emoji is its ID; its name may be
--- missing on one side.
---@param want table|nil
---@param got table|nil
---@return boolean
function tags.same_emoji(want, got)
  want = diff.is_absent(want) and {} or want
  got = diff.is_absent(got) and {} or got
  local id = or_null(want.emoji_id)
  if id ~= or_null(got.emoji_id) then
    return false
  end
  return id ~= null or plain(or_null(want.emoji_name)) == plain(or_null(got.emoji_name))
end

local function by_name(list)
  local found = {}
  for _, tag in ipairs(diff.is_absent(list) and {} or list) do
    found[tag.name] = tag
  end
  return found
end

--- The spec's tags in Discord's shape. A tag that exists, by its name, is sent with its ID: without
--- it Discord would make a new tag and take the old one off all posts.
---@param list table[] name, moderated, emojiId, emojiName
---@param observed table[]|nil Discord's tags
---@return table[]
function tags.desired(list, observed)
  local existing, desired = by_name(observed), {}
  for index, item in ipairs(list) do
    local emoji = tags.emoji(item)
    local known = existing[item.name]
    desired[index] = {
      id = known and known.id,
      name = item.name,
      moderated = item.moderated or false,
      emoji_id = emoji ~= null and emoji.emoji_id or null,
      emoji_name = emoji ~= null and emoji.emoji_name or null,
    }
  end
  return array(desired)
end

--- Whether two lists in Discord's shape have the same tags, in whatever order.
---@param want table[]
---@param got table[]|nil
---@return boolean
function tags.same(want, got)
  got = diff.is_absent(got) and {} or got
  if #want ~= #got then
    return false
  end
  local existing = by_name(got)
  for _, tag in ipairs(want) do
    local other = existing[tag.name]
    if
      not other
      or (other.moderated == true) ~= tag.moderated
      or not tags.same_emoji(tag, other)
    then
      return false
    end
  end
  return true
end

return tags
