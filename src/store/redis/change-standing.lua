-- Changes an account's standing.
--
-- KEYS[1]  the account's state hash
-- ARGV     test clock ('' for the server's), standing, reason, author, when it
--          ends in ms ('' for never)
-- Returns  { now, the hash flat }
--@include clock arguments fields
local now = clock(next_argument())
redis.call('HSET', KEYS[1], 'standing', next_argument(), 'reason', next_argument(), 'by', next_argument(), 'until',
  next_argument(), 'at', whole(now))
return { now, redis.call('HGETALL', KEYS[1]) }
