-- Records that an address revoked its consent to mail of an account, or of one of
-- its lists or streams. The first time counts: saying so again does not start the
-- 48 hours anew.
--
-- KEYS[1]  hash of the address' revocations
-- ARGV     test clock ('' for the server's), account, "<account> <list>" or
--          "<account> stream <name>", when in ms ('' for now), source
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local whose, at, source = next_argument(), next_argument(), next_argument()
at = at == '' and now or tonumber(at)
local known = redis.call('HGET', KEYS[1], whose)
if not known or at < tonumber(string.match(known, '^%d+')) then
  redis.call('HSET', KEYS[1], whose, whole(at) .. ',' .. source)
end
return 'OK'
