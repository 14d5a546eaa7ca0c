-- Reads what callers pass in ARGV, one after the other. Numbers come packed
-- (struct, little-endian; window-codec.ts), which Redis' own C reads at once.
local cursor = 1

local function next_argument()
  cursor = cursor + 1
  return ARGV[cursor - 1]
end

-- <n>, then n texts.
local function next_list()
  local list = {}
  for i = 1, tonumber(next_argument()) do
    list[i] = next_argument()
  end
  return list
end
