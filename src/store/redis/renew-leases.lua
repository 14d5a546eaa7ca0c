-- Lets leases that are still held last for another ttl from now.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), ttl in ms, then a transaction for
--          each key
-- Returns  'OK'
--@include clock arguments fields lease
local now = clock(next_argument())
local ttl = tonumber(next_argument())
for _, key in ipairs(KEYS) do
  local field = 'l:' .. next_argument()
  local text = redis.call('HGET', key, field)
  if text then
    local expiry, amounts = parse_lease(text)
    if expiry > now then
      redis.call('HSET', key, field, format_lease(now + ttl, amounts))
      live_on(key, ttl)
    end
  end
end
return 'OK'
