-- Counts something for an account's reputation, once.
--
-- KEYS[1]  hash of the account's counts: `slot:name` -> count, and its levels
-- KEYS[2]  sorted set of what was counted lately, by when
-- ARGV     test clock ('' for the server's), what is counted (an id), when it
--          was in ms ('' for now), length of a slot and of the window in ms, how
--          many ids are remembered, then pairs: name, amount
-- Returns  1 if it was counted, else 0: told before, or too long ago
--@include clock arguments fields
local now = clock(next_argument())
local id = next_argument()
local at = tonumber(next_argument()) or now
local slot_length, window = tonumber(next_argument()), tonumber(next_argument())
local most = tonumber(next_argument())
local counts = {}
for i = 7, #ARGV do
  counts[#counts + 1] = ARGV[i]
end

local function oldest_slot()
  return math.floor((now - window) / slot_length)
end

local function forget_old_slots()
  local old = {}
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    local slot = tonumber(string.match(field, '^(%d+):'))
    if slot and slot < oldest_slot() then
      old[#old + 1] = field
    end
  end
  delete_fields(KEYS[1], old)
end

local slot = math.floor(at / slot_length)
if slot < oldest_slot() or redis.call('ZSCORE', KEYS[2], id) then
  return 0
end
redis.call('ZADD', KEYS[2], whole(now), id)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -most - 1)
for i = 1, #counts, 2 do
  local field = whole(slot) .. ':' .. counts[i]
  if redis.call('HINCRBY', KEYS[1], field, counts[i + 1]) == tonumber(counts[i + 1]) then
    forget_old_slots()
  end
end
live_on(KEYS[1], window + 2 * slot_length)
live_on(KEYS[2], window + 2 * slot_length)
return 1
