-- Milliseconds since the epoch: the server's clock, or the instant that a test gave.
local function clock(fixed)
  if fixed ~= '' then
    return tonumber(fixed)
  end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
