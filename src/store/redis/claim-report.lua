-- Asks whether a fact about a message's recipient is news, and marks it as being
-- taken in. One that was being taken in when its process died is news again.
--
-- KEYS[1]  hash of the message's facts: field -> rank, then `p` (being taken in)
--          or `d` (done)
-- ARGV     field, rank, the least rank that must be known already, how long the
--          fact is remembered in ms
-- Returns  1 if it is news, else 0
--@include arguments fields
local field, rank = next_argument(), tonumber(next_argument())
local least, ttl = tonumber(next_argument()), tonumber(next_argument())
local known, state = string.match(redis.call('HGET', KEYS[1], field) or '0d', '^(%d+)(%a)$')
known = tonumber(known)
if known > rank or known < least or (known == rank and state == 'd') then
  return 0
end
redis.call('HSET', KEYS[1], field, rank .. 'p')
live_on(KEYS[1], ttl)
return 1
