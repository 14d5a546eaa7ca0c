-- Records a consent; it replaces an earlier one.
--
-- KEYS[1]  hash of the address' consents
-- ARGV     test clock ('' for the server's), account, when in ms ('' for now),
--          source
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local account, at, source = next_argument(), next_argument(), next_argument()
redis.call('HSET', KEYS[1], account, (at == '' and whole(now) or at) .. ',' .. source)
return 'OK'
