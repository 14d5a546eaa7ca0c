-- Adds or replaces suppressions.
--
-- KEYS     hash of an address' suppressions, for each
-- ARGV     test clock ('' for the server's), then for each key: account ('' for
--          all), when it was made in ms ('' for now), when it expires in ms (0:
--          never), reason, author and note as JSON
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())

-- The key may go once its last suppression has expired.
local function expire_with_the_last(key)
  local latest = 0
  for _, value in ipairs(redis.call('HVALS', key)) do
    local expires = tonumber(string.match(value, '^%d+,(%d+),'))
    if expires == 0 then
      return redis.call('PERSIST', key)
    end
    latest = math.max(latest, expires)
  end
  redis.call('PEXPIRE', key, whole(math.max(1, latest - now)))
end

for _, key in ipairs(KEYS) do
  local account, at, expires, rest = next_argument(), next_argument(), next_argument(), next_argument()
  if at == '' then
    at = whole(now)
  end
  redis.call('HSET', key, account, at .. ',' .. expires .. ',' .. rest)
  if expires == '0' then
    redis.call('PERSIST', key)
  else
    expire_with_the_last(key)
  end
end
return 'OK'
