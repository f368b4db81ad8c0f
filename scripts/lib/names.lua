-- Channel names as Discord stores them. It rewrites the names of text and announcement channels
-- (lower case, "-" for white space, no apostrophes) and changes the kind of white space in others,
-- so the desired name is compared with the observed one after the same treatment of both.
local names = {}

local TEXT_LIKE <const> = { [0] = true, [5] = true }

-- White space beyond ASCII: U+0085, U+00A0, U+1680, U+2000-200A, U+2028, 2029, 202F, 205F, 3000.
local WIDE_SPACES <const> = {
  "\u{85}",
  "\u{A0}",
  "\u{1680}",
  "\u{2000}",
  "\u{2001}",
  "\u{2002}",
  "\u{2003}",
  "\u{2004}",
  "\u{2005}",
  "\u{2006}",
  "\u{2007}",
  "\u{2008}",
  "\u{2009}",
  "\u{200A}",
  "\u{2028}",
  "\u{2029}",
  "\u{202F}",
  "\u{205F}",
  "\u{3000}",
}

-- { first, last, distance }: each letter of the range has its small form at that distance.
local SHIFTED <const> = {
  { 0xC0, 0xD6, 32 }, -- Latin-1
  { 0xD8, 0xDE, 32 },
  { 0x178, 0x178, -121 },
  { 0x386, 0x386, 38 }, -- Greek
  { 0x388, 0x38A, 37 },
  { 0x38C, 0x38C, 64 },
  { 0x38E, 0x38F, 63 },
  { 0x391, 0x3AB, 32 },
  { 0x400, 0x40F, 80 }, -- Cyrillic
  { 0x410, 0x42F, 32 },
  { 0x531, 0x556, 48 }, -- Armenian
  { 0xFF21, 0xFF3A, 32 }, -- full width
}

-- { first, last }: capital and small letters alternate, beginning with a capital.
local ALTERNATING <const> = {
  { 0x100, 0x12F },
  { 0x132, 0x137 },
  { 0x139, 0x148 },
  { 0x14A, 0x177 },
  { 0x179, 0x17E },
  { 0x460, 0x481 },
  { 0x48A, 0x4BF },
  { 0x4D0, 0x52F },
  { 0x1E00, 0x1E95 },
  { 0x1EA0, 0x1EFF },
}

local function small_letter(code)
  for _, range in ipairs(SHIFTED) do
    if code >= range[1] and code <= range[2] then
      return code + range[3]
    end
  end
  for _, range in ipairs(ALTERNATING) do
    if code >= range[1] and code <= range[2] then
      return (code - range[1]) % 2 == 0 and code + 1 or code
    end
  end
  return code
end

local function is_ascii(text)
  return not text:find("[\x80-\xFF]")
end

--- `text` in small letters, for the alphabets that have them.
---@param text string UTF-8
---@return string
function names.lower(text)
  if is_ascii(text) or not utf8.len(text) then
    return text:lower()
  end
  local letters = {}
  for _, code in utf8.codes(text) do
    letters[#letters + 1] = utf8.char(small_letter(code))
  end
  return table.concat(letters):lower()
end

-- One plain space for each run of white space, none at the ends.
local function plain_spaces(text)
  if not is_ascii(text) then
    for _, space in ipairs(WIDE_SPACES) do
      text = text:gsub(space, " ")
    end
  end
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

--- The form in which names of this channel type are compared.
---@param name string
---@param channel_type integer
---@return string
function names.normalise(name, channel_type)
  local spaced = plain_spaces(name)
  if not TEXT_LIKE[channel_type] then
    return spaced
  end
  local lower = names.lower(spaced):gsub(" ", "-"):gsub("'", ""):gsub("\u{2019}", "")
  return (lower:gsub("%-+", "-"))
end

--- Whether Discord could have made `got` of `want`.
---@param want string
---@param got string
---@param channel_type integer
---@return boolean
function names.same(want, got, channel_type)
  return want == got or names.normalise(want, channel_type) == names.normalise(got, channel_type)
end

--- The same question for a search, where one match too many is better than one too few: it is not
--- known whether Discord treats the names of forum and media channels like those of text channels.
---@param want string
---@param got string
---@return boolean
function names.could_be(want, got)
  return names.normalise(want, 0) == names.normalise(got, 0)
end

return names
