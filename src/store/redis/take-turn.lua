-- Takes or keeps the turn to follow a source.
--
-- KEYS[1]  hash of the source: `holder`, `until`, `position`
-- ARGV     test clock ('' for the server's), holder, for how long in ms
-- Returns  nil when the turn is another's, else { position or '' }
--@include clock arguments fields
local now = clock(next_argument())
local holder, ttl = next_argument(), tonumber(next_argument())
local known = redis.call('HMGET', KEYS[1], 'holder', 'until', 'position')
if known[1] and known[1] ~= holder and tonumber(known[2]) > now then
  return nil
end
redis.call('HSET', KEYS[1], 'holder', holder, 'until', whole(now + ttl))
return { known[3] or '' }
