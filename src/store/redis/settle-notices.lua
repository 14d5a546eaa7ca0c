-- Removes notices that were told from their queue, and says when it is due again.
--
-- KEYS     as in queue-notices.lua
-- ARGV     test clock ('' for the server's), queue, its name in keys, when it is
--          due in ms from now, then the keys of those that were told
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local queue, name, after = next_argument(), next_argument(), tonumber(next_argument())
while cursor <= #ARGV do
  local id = next_argument()
  redis.call('ZREM', KEYS[2] .. name .. ':o', id)
  redis.call('HDEL', KEYS[2] .. name .. ':b', id)
end
redis.call('ZADD', KEYS[1], whole(now + after), queue)
return 'OK'
