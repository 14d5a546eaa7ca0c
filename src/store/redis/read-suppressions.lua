-- Reads what is said of addresses and domains, for an account and for all.
--
-- KEYS     suppressions of each
-- ARGV     account
-- Returns  of each key { the account's, the global one }; '' for what is not
--          there
--@include arguments
local account = next_argument()
local found = {}
for i, key in ipairs(KEYS) do
  local both = redis.call('HMGET', key, account, '')
  found[i] = { both[1] or '', both[2] or '' }
end
return found
