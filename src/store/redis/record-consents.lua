-- Records consents; each replaces an earlier one of its account. One with evidence
-- that is later than a revocation lifts it.
--
-- KEYS     two for each consent: hash of the address' consents, hash of its
--          revocations
-- ARGV     test clock ('' for the server's), then for each consent: account, when
--          in ms ('' for now), 1 if it has evidence else 0, body
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
for i = 1, #KEYS, 2 do
  local account, at, proven, body = next_argument(), next_argument(), next_argument() == '1', next_argument()
  at = at == '' and now or tonumber(at)
  redis.call('HSET', KEYS[i], account, whole(at) .. ',' .. body)
  local revoked = proven and redis.call('HGET', KEYS[i + 1], account)
  if revoked and tonumber(string.match(revoked, '^%d+')) < at then
    redis.call('HDEL', KEYS[i + 1], account)
  end
end
return 'OK'
