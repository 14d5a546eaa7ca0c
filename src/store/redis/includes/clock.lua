-- Milliseconds since the epoch: the server's clock, or the instant that a test gave.
-- It stands still while a script runs.
local read_at

local function clock(fixed)
  if fixed ~= '' then
    return tonumber(fixed)
  end
  if not read_at then
    local time = redis.call('TIME')
    read_at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return read_at
end
