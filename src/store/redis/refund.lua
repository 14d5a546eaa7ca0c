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
  local state = subject.states[entry.limit.window]
  local field = entry.limit.field .. ':' .. entry.slot
  if not state.oldest or tonumber(entry.slot) < state.oldest then
    return
  end
  local count = tonumber(redis.call('HGET', subject.key, field) or 0)
  local amount = math.min(count, entry.amount)
  if amount == count then
    redis.call('HDEL', subject.key, field)
  else
    redis.call('HINCRBY', subject.key, field, whole(-amount))
  end
  state.total = state.total - amount
  state.changed = true
  if state.total <= 0 then
    state.oldest, state.newest = false, false
  end
end

for _, key in ipairs(KEYS) do
  local entries, limits = {}, {}
  for i = 1, tonumber(next_argument()) do
    local resource, per = next_argument(), next_argument()
    limits[i] = { resource = resource, per = tonumber(per), field = resource .. ':' .. per }
    entries[i] = { limit = limits[i], slot = next_argument(), amount = tonumber(next_argument()) }
  end
  local subject = open_subject(plan_subjects(limits, {}, '', now, false), key)
  for _, entry in ipairs(entries) do
    refund(subject, entry)
  end
  save_subject(subject)
end
return 'OK'
