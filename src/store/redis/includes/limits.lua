-- What callers pass of limits and amounts. A resource is a number, its place in
-- RESOURCES of window-codec.ts.
local LIMIT, LIMIT_OCTETS, LIMIT_NUMBERS = 'BdddB', 26, 5
local AMOUNT, AMOUNT_OCTETS = 'Bd', 9

-- { { resource, per, width, count, enforced }, … }: `width` is a slot's; times in ms.
local function limits_in(packed)
  local count = #packed / LIMIT_OCTETS
  local flat = { struct.unpack('<' .. string.rep(LIMIT, count), packed) }
  local limits = {}
  for i = 1, count do
    local at = (i - 1) * LIMIT_NUMBERS
    limits[i] = {
      resource = flat[at + 1], per = flat[at + 2], width = flat[at + 3],
      count = flat[at + 4], enforced = flat[at + 5] == 1,
    }
  end
  return limits
end

local function next_limits()
  return limits_in(next_argument())
end

-- { [resource] = amount } of resources and amounts in turn, from the given place
-- on. What struct.unpack() gives last, where it stopped, is none of them.
local function amounts_in(flat, first)
  local amounts = {}
  for at = first, #flat - 1, 2 do
    amounts[flat[at]] = flat[at + 1]
  end
  return amounts
end

-- { [resource] = amount }; only amounts above 0 are passed.
local function next_amounts()
  local packed = next_argument()
  return amounts_in({ struct.unpack('<' .. string.rep(AMOUNT, #packed / AMOUNT_OCTETS), packed) }, 1)
end

-- An answer of numbers as one string: callers read it faster than a list.
local NUMBERS_AT_ONCE = 1000

local function packed_numbers(list)
  if #list <= NUMBERS_AT_ONCE then
    return struct.pack('<' .. string.rep('d', #list), unpack(list))
  end
  local parts = {}
  for from = 1, #list, NUMBERS_AT_ONCE do
    local to = math.min(from + NUMBERS_AT_ONCE - 1, #list)
    parts[#parts + 1] = struct.pack('<' .. string.rep('d', to - from + 1), unpack(list, from, to))
  end
  return table.concat(parts)
end
