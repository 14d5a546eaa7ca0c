-- Reads counted lists out of ARGV, one after the other.
local cursor = 1

local function next_argument()
  cursor = cursor + 1
  return ARGV[cursor - 1]
end

-- <n>, then n times: resource, per in ms, count, 1 if enforced.
local function next_limits()
  local limits, at = {}, cursor + 1
  for i = 1, tonumber(ARGV[cursor]) do
    limits[i] = {
      resource = ARGV[at],
      per = tonumber(ARGV[at + 1]),
      field = ARGV[at] .. ':' .. ARGV[at + 1],
      count = tonumber(ARGV[at + 2]),
      enforced = ARGV[at + 3] == '1',
    }
    at = at + 4
  end
  cursor = at
  return limits
end

-- <n>, then n times: resource, amount. Gives { resource = amount }.
local function next_amounts()
  local amounts = {}
  for _ = 1, tonumber(next_argument()) do
    local resource = next_argument()
    amounts[resource] = tonumber(next_argument())
  end
  return amounts
end

local function remaining_arguments()
  local rest = {}
  while cursor <= #ARGV do
    rest[#rest + 1] = next_argument()
  end
  return rest
end

-- <n>, then n texts.
local function next_list()
  local list = {}
  for i = 1, tonumber(next_argument()) do
    list[i] = next_argument()
  end
  return list
end
