-- Turns a transaction's hold into a charge of the message's final amounts, in
-- the slots of now. What exceeds the hold is judged; if it is denied, nothing
-- is charged. The hold is gone either way.
--
-- KEYS[1]  the account's subject hash
-- KEYS[2]  the account's state hash; gets `first` = now if it had none
-- ARGV     test clock ('' for the server's), transaction, limits, amounts
--          (limits.lua)
-- Returns  { numbers, the account's state as HGETALL gives it, {} if denied }; numbers, packed:
--          now, 1 if granted else 0, 1 if this was the account's first message
--          else 0, usage as in includes/room.lua
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local transaction = next_argument()
local limits = next_limits()
local amounts = next_amounts()

local function has_field(hash, field)
  for i = 1, #hash, 2 do
    if hash[i] == field then
      return true
    end
  end
  return false
end

local account = open_subject(plan_subjects(limits, transaction, now), KEYS[1])
local held = {}
for resource, amount in pairs(account.lease) do
  held[resource] = amount
end
drop_lease(account)

local judged, denied = {}, false
for i, limit in ipairs(limits) do
  local amount = amounts[limit.resource] or 0
  if amount > (held[limit.resource] or 0) then
    judged[i] = judge_limit(account, limit, amount)
    denied = denied or judged[i].denies
  elseif amount > 0 then
    judged[i] = FITS
  end
end

local state, first = {}, 0
if not denied then
  for resource, amount in pairs(amounts) do
    charge(account, resource, amount)
  end
  state = redis.call('HGETALL', KEYS[2])
  if not has_field(state, 'first') then
    first = redis.call('HSET', KEYS[2], 'first', whole(now))
    state = redis.call('HGETALL', KEYS[2])
  end
end
local numbers = { now, denied and 0 or 1, first }
add_usage(numbers, account, limits, judged)
save_subject(account)
return { packed_numbers(numbers), state }
