-- Takes amounts out of the slots that they were charged to, as far as those
-- still count and never below nothing.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), then for each key <n> and n times:
--          resource, per in ms, slot, amount
-- Returns  'OK'
--@include clock arguments fields lease subject
local now = clock(next_argument())

local function refund(subject, entry)
  local window = subject.windows[entry.limit.field]
  local field = window.field .. ':' .. entry.slot
  if not window.oldest or tonumber(entry.slot) < window.oldest then
    return
  end
  local count = tonumber(redis.call('HGET', subject.key, field) or 0)
  local amount = math.min(count, entry.amount)
  if amount == count then
    redis.call('HDEL', subject.key, field)
  else
    redis.call('HINCRBY', subject.key, field, whole(-amount))
  end
  window.total = window.total - amount
  window.changed = true
  if window.total <= 0 then
    window.oldest, window.newest = nil, nil
  end
end

for _, key in ipairs(KEYS) do
  local entries, limits = {}, {}
  for i = 1, tonumber(next_argument()) do
    local resource, per = next_argument(), next_argument()
    limits[i] = { resource = resource, per = tonumber(per), field = resource .. ':' .. per }
    entries[i] = { limit = limits[i], slot = next_argument(), amount = tonumber(next_argument()) }
  end
  local subject = open_subject(key, limits, {}, '', now)
  for _, entry in ipairs(entries) do
    refund(subject, entry)
  end
  save_subject(subject)
end
return 'OK'
