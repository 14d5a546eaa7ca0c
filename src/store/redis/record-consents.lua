-- Records consents; each replaces an earlier one of its account. One with evidence
-- that is later than a revocation lifts it, those of single lists and streams as well.
--
-- KEYS     two for each consent: hash of the address' consents, hash of its
--          revocations
-- ARGV     test clock ('' for the server's), then for each consent: account, when
--          in ms ('' for now), 1 if it has evidence else 0, body
-- Returns  'OK'
--@include clock arguments fields
local function lift(revocations, account, before)
  local all = redis.call('HGETALL', revocations)
  for i = 1, #all, 2 do
    local whose = all[i] == account or string.sub(all[i], 1, #account + 1) == account .. ' '
    if whose and tonumber(string.match(all[i + 1], '^%d+')) < before then
      redis.call('HDEL', revocations, all[i])
    end
  end
end

local now = clock(next_argument())
for i = 1, #KEYS, 2 do
  local account, at, proven, body = next_argument(), next_argument(), next_argument() == '1', next_argument()
  at = at == '' and now or tonumber(at)
  redis.call('HSET', KEYS[i], account, whole(at) .. ',' .. body)
  if proven then
    lift(KEYS[i + 1], account, at)
  end
end
return 'OK'
