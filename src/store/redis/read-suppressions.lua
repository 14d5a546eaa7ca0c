-- Reads what is said of addresses and domains, for an account and for all.
--
-- KEYS     suppressions of each
-- ARGV     account
-- Returns  of each key of which something is said its index from 1, the account's
--          and the global one ('' for what is not there), in one list
--@include arguments
local account = next_argument()
local found = {}
for i, key in ipairs(KEYS) do
  local both = redis.call('HMGET', key, account, '')
  if both[1] or both[2] then
    local at = #found
    found[at + 1], found[at + 2], found[at + 3] = i, both[1] or '', both[2] or ''
  end
end
return found
