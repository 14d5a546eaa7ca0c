-- Records what was decided about a campaign, or about all of an account's (`*`).
--
-- KEYS[1]  what the names of the account's campaigns begin with
-- KEYS[2]  sorted set of its campaigns that are not worth keeping yet
-- KEYS[3]  sorted set of those that are
-- ARGV     test clock ('' for the server's), id, state, author, note, how long it
--          is kept in ms, most kept
-- Returns  the hash flat; empty if there is no such campaign
--@include clock arguments fields campaign
local now = clock(next_argument())
local stem, passing, kept_list = KEYS[1], KEYS[2], KEYS[3]
local id, state, by, note = next_argument(), next_argument(), next_argument(), next_argument()
local keep, most_kept = tonumber(next_argument()), tonumber(next_argument())
local body = campaign_key(stem, id)
local for_ever = 9007199254740991

if id == '*' then
  redis.call('HSETNX', body, 'first', whole(now))
  redis.call('HSETNX', body, 'latest', whole(now))
  redis.call('HSET', body, 'expires', whole(for_ever))
elseif not is_alive(stem, id, now) then
  return {}
else
  redis.call('HSET', body, 'expires', whole(now + keep))
  redis.call('PEXPIRE', body, whole(keep))
  for mark in marks_of(stem, id) do
    redis.call('PEXPIRE', mark_key(stem, mark), whole(keep))
  end
  redis.call('ZREM', passing, id)
  list_campaign(stem, kept_list, id, tonumber(redis.call('HGET', body, 'latest')), keep, most_kept)
end
if state == 'seen' then
  redis.call('HSET', body, 'state', state)
  redis.call('HDEL', body, 'by', 'at', 'note')
else
  redis.call('HSET', body, 'state', state, 'by', by, 'at', whole(now), 'note', note)
end
redis.call('HSET', body, 'kept', '1')
return redis.call('HGETALL', body)
