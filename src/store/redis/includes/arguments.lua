-- Reads what callers pass in ARGV, one after the other. Lists come as JSON, which
-- is read by Redis' own C, and written once for all calls (window-codec.ts).
local cursor = 1

local function next_argument()
  cursor = cursor + 1
  return ARGV[cursor - 1]
end

-- [{ resource, per, field, width, count, enforced }, …]: `field` is
-- <resource>:<per>, `width` a slot's; times in ms.
local function next_limits()
  return cjson.decode(next_argument())
end

-- { resource = amount }; only amounts above 0 are passed.
local function next_amounts()
  return cjson.decode(next_argument())
end

-- <n>, then n arguments.
local function next_list()
  local list = {}
  for i = 1, tonumber(next_argument()) do
    list[i] = next_argument()
  end
  return list
end

-- <n>, then n texts.
local function next_list()
  local list = {}
  for i = 1, tonumber(next_argument()) do
    list[i] = next_argument()
  end
  return list
end
