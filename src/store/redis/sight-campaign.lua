-- Counts a message to a campaign, or begins one.
--
-- KEYS[1]  what the names of the account's campaigns begin with
-- KEYS[2]  sorted set of its campaigns that are not worth keeping yet
-- KEYS[3]  sorted set of those that are
-- ARGV     test clock ('' for the server's), id of the campaign that the message
--          is known to be of ('' if not known), id for a new one, signature,
--          subject, sender, most recipients to count, recipients that make it
--          worth keeping, how long it is kept then in ms, most campaigns not
--          worth keeping, most kept, then as lists: windows in ms, marks, marks
--          of recipients, campaigns that share a mark and are not alike
-- Returns  { 'ask', id, signature, id, signature … } if there are campaigns that
--          share a mark: the caller compares and calls again; nothing was changed.
--          { 'counted', id, 1 if it is worth keeping from now on, the hash flat,
--          { recipients in each window }, state of all campaigns or '' }
--@include clock arguments fields campaign
local now = clock(next_argument())
local stem, passing, kept_list = KEYS[1], KEYS[2], KEYS[3]
local id, candidate = next_argument(), next_argument()
local signature, subject, sender = next_argument(), next_argument(), next_argument()
local count_to, keep_from, keep = tonumber(next_argument()), tonumber(next_argument()), tonumber(next_argument())
local most_passing, most_kept = tonumber(next_argument()), tonumber(next_argument())
local windows, marks, recipients, unlike = next_list(), next_list(), next_list(), next_list()

local longest = 0
for i, window in ipairs(windows) do
  windows[i] = tonumber(window)
  longest = math.max(longest, windows[i])
end

-- Living campaigns that share a mark, but for those that were compared already.
local function candidates()
  local known, found = {}, { 'ask' }
  for _, other in ipairs(unlike) do
    known[other] = true
  end
  for _, mark in ipairs(marks) do
    local owner = redis.call('GET', mark_key(stem, mark))
    if owner and not known[owner] and is_alive(stem, owner, now) then
      known[owner] = true
      found[#found + 1] = owner
      found[#found + 1] = redis.call('HGET', campaign_key(stem, owner), 'signature') or ''
    end
  end
  return found
end

-- A mark stays with the campaign that had it first, as long as that lives.
local function begin()
  id = candidate
  redis.call('HSET', campaign_key(stem, id), 'state', 'seen', 'first', whole(now), 'messages', '0', 'subject', subject,
    'sender', sender, 'signature', signature, 'marks', table.concat(marks, ' '), 'kept', '0')
  for _, mark in ipairs(marks) do
    local owner = redis.call('GET', mark_key(stem, mark))
    if not owner or not is_alive(stem, owner, now) then
      redis.call('SET', mark_key(stem, mark), id)
    end
  end
end

local function count_recipients()
  local reached = reached_key(stem, id)
  redis.call('ZREMRANGEBYSCORE', reached, '-inf', whole(now - longest))
  local remembered = redis.call('ZCARD', reached)
  for _, recipient in ipairs(recipients) do
    if redis.call('ZSCORE', reached, recipient) then
      redis.call('ZADD', reached, whole(now), recipient)
    elseif remembered < count_to then
      redis.call('ZADD', reached, whole(now), recipient)
      remembered = remembered + 1
    end
  end
  redis.call('PEXPIRE', reached, whole(longest))
  local counts = {}
  for i, window in ipairs(windows) do
    counts[i] = redis.call('ZCOUNT', reached, '(' .. whole(now - window), '+inf')
  end
  return counts
end

if id == '' or not is_alive(stem, id, now) then
  local found = candidates()
  if #found > 1 then
    return found
  end
  begin()
end

local body = campaign_key(stem, id)
local counts = count_recipients()
local was_kept = redis.call('HGET', body, 'kept') == '1'
local is_kept = was_kept or counts[1] >= keep_from
local ttl = is_kept and math.max(keep, longest) or longest
redis.call('HINCRBY', body, 'messages', 1)
redis.call('HSET', body, 'latest', whole(now), 'recipients', counts[1], 'kept', is_kept and '1' or '0', 'expires',
  whole(now + ttl))
redis.call('PEXPIRE', body, whole(ttl))
for mark in marks_of(stem, id) do
  if redis.call('GET', mark_key(stem, mark)) == id then
    redis.call('PEXPIRE', mark_key(stem, mark), whole(ttl))
  end
end
if is_kept then
  redis.call('ZREM', passing, id)
  list_campaign(stem, kept_list, id, now, ttl, most_kept)
else
  list_campaign(stem, passing, id, now, ttl, most_passing)
end
local of_account = redis.call('HGET', campaign_key(stem, '*'), 'state') or ''
return { 'counted', id, (is_kept and not was_kept) and 1 or 0, redis.call('HGETALL', body), counts, of_account }
