-- Images go to Discord as data URIs and come back as a hash that only Discord can compute. To see
-- whether an image is the one of the spec, the status keeps a digest of what was sent next to the
-- hash that Discord made of it.
local images = {}

--- Whether the value carries an image, rather than a hash of one.
---@param value any
---@return boolean
function images.is_data(value)
  return type(value) == "string" and value:find("^data:image/%a+;base64,") ~= nil
end

--- A short digest of a text (FNV-1a over words of 64 bits): tells images apart, protects nothing.
---@param text string
---@return string digest 16 hexadecimal digits
function images.digest(text)
  local hash = 0xcbf29ce484222325
  for index = 1, #text, 8 do
    local a, b, c, d, e, f, g, h = text:byte(index, index + 7)
    local word = a | (b or 0) << 8 | (c or 0) << 16 | (d or 0) << 24
    word = word | (e or 0) << 32 | (f or 0) << 40 | (g or 0) << 48 | (h or 0) << 56
    hash = (hash ~ word) * 0x100000001b3
    hash = hash ~ (hash >> 29)
  end
  return string.format("%016x", hash)
end

--- What to send for a field of the spec: a data URI, null for "", nothing for a hash, which Discord
--- gives but does not take.
---@param value string
---@return string|nil
function images.desired(value)
  if value == "" then
    return null
  end
  return images.is_data(value) and value or nil
end

--- Whether Discord holds the image that `want` is.
---@param want string|nil data URI or null
---@param got string|nil the hash that Discord answered
---@param stored table the status: `icon` and `iconDigest`
---@return boolean
function images.same(want, got, stored)
  if want == null then
    return got == nil or got == null
  end
  return got ~= nil and got == stored.icon and stored.iconDigest == images.digest(want)
end

--- The status of an image: Discord's hash, and the digest of what it was made of when it is known.
---@param at_provider table the status that is being made; gets `icon` and `iconDigest`
---@param got string|nil the hash that Discord answered
---@param stored table the status so far
---@param sent string|nil the data URI that this answer is for
function images.note(at_provider, got, stored, sent)
  if got == nil or got == null then
    return
  end
  at_provider.icon = got
  if images.is_data(sent) then
    at_provider.iconDigest = images.digest(sent)
  elseif stored.icon == got then
    at_provider.iconDigest = stored.iconDigest
  end
end

return images
