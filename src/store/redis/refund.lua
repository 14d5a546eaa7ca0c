-- Takes amounts out of the slots that they were charged to, as far as those
-- still count and never below nothing.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), then for each key what to take off:
--          JSON [{ resource, per, field, width (arguments.lua), charged: the
--          slot, amount }, …]
-- Returns  'OK'
--@include clock arguments fields lease subject
local now = clock(next_argument())

-- Gives how much was taken off an older slot, which has a field of its own.
local function take_off(key, field, wanted)
  local count = tonumber(redis.call('HGET', key, field) or 0)
  local amount = math.min(count, wanted)
  if amount == count then
    redis.call('HDEL', key, field)
  else
    redis.call('HINCRBY', key, field, whole(-amount))
  end
  return amount
end

local function refund(subject, entry)
  local head, slot = subject.heads[entry.window], entry.charged
  if not head or slot < head[OLDEST] or slot > head[NEWEST] then
    return
  end
  local amount
  if slot == head[NEWEST] then
    amount = math.min(head[HERE], entry.amount)
    head[HERE] = head[HERE] - amount
  else
    amount = take_off(subject.key, entry.field .. ':' .. whole(slot), entry.amount)
  end
  head[TOTAL] = head[TOTAL] - amount
  if head[TOTAL] <= 0 then
    subject.state.w[entry.field] = nil
    subject.heads[entry.window] = false
  end
  subject.changed = true
end

for _, key in ipairs(KEYS) do
  local entries = cjson.decode(next_argument())
  local subject = open_subject(plan_subjects(entries, '', now), key)
  for _, entry in ipairs(entries) do
    refund(subject, entry)
  end
  save_subject(subject)
end
return 'OK'
