-- Puts a registered domain's body in place of the one that was read, unless it
-- was changed meanwhile.
--
-- KEYS[1]  hash of the account's registered domains
-- ARGV     domain, body as it was read, new body
-- Returns  1 if it was replaced
--@include arguments
local domain, read, body = next_argument(), next_argument(), next_argument()
if redis.call('HGET', KEYS[1], domain) ~= read then
  return 0
end
redis.call('HSET', KEYS[1], domain, body)
return 1
