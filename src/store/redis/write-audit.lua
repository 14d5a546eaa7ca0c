-- Puts an audit's body in place of the one that was read, unless it was changed
-- meanwhile.
--
-- KEYS[1]  hash of all audits by id
-- KEYS[2]  sorted set of all, `ACCOUNT ID`
-- KEYS[3]  sorted set of those that nobody decided about
-- ARGV     id, account, body as it was read ('' for none), new body, 1 if it is
--          decided else 0
-- Returns  1 if it was written
--@include arguments
local id, account, read, body, decided =
  next_argument(), next_argument(), next_argument(), next_argument(), next_argument() == '1'
if (redis.call('HGET', KEYS[1], id) or '') ~= read then
  return 0
end
redis.call('HSET', KEYS[1], id, body)
local member = account .. ' ' .. id
redis.call('ZADD', KEYS[2], 0, member)
if decided then
  redis.call('ZREM', KEYS[3], member)
else
  redis.call('ZADD', KEYS[3], 0, member)
end
return 1
