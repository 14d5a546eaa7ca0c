-- Takes amounts out of the slots that they were charged to, as far as those
-- still count and never below nothing.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), then for each key what to take off:
--          JSON [{ resource, per, width (limits.lua), charged: the slot,
--          amount }, …]
-- Returns  'OK'
--@include clock arguments limits fields lease subject
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
  local windows = subject.windows
  local at = find_window(windows, entry.window, entry)
  local slot = entry.charged
  if not at or slot < windows[at + NEWEST] - windows[at + SPAN] or slot > windows[at + NEWEST] then
    return
  end
  local amount
  if slot == windows[at + NEWEST] then
    amount = math.min(windows[at + HERE], entry.amount)
    windows[at + HERE] = windows[at + HERE] - amount
  else
    amount = take_off(subject.key, slot_stem(windows, at) .. whole(slot), entry.amount)
  end
  windows[at + TOTAL] = windows[at + TOTAL] - amount
  if windows[at + TOTAL] <= 0 then
    drop_window(subject, at)
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
