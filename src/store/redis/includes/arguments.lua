-- Reads counted lists out of ARGV, one after the other.
local cursor = 1

local function next_argument()
  cursor = cursor + 1
  return ARGV[cursor - 1]
end

-- <n>, then n times: resource, per in ms, count, 1 if enforced.
local function next_limits()
  local limits = {}
  for i = 1, tonumber(next_argument()) do
    local resource, per = next_argument(), next_argument()
    limits[i] = {
      resource = resource,
      per = tonumber(per),
      field = resource .. ':' .. per,
      count = tonumber(next_argument()),
      enforced = next_argument() == '1',
    }
  end
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
