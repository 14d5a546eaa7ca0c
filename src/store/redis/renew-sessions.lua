-- Lets sessions that still count do so for another ttl from now.
--
-- KEYS     sorted sets of sessions
-- ARGV     test clock ('' for the server's), ttl in ms, then a session for each key
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local ttl = tonumber(next_argument())
for _, key in ipairs(KEYS) do
  local session = next_argument()
  local expiry = tonumber(redis.call('ZSCORE', key, session) or 0)
  if expiry > now then
    redis.call('ZADD', key, whole(now + ttl), session)
    live_on(key, ttl)
  end
end
return 'OK'
