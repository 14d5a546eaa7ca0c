-- Asks for room in an account's windows for a batch of recipients, in order, and
-- holds it if there is little, or charges for them at once. Only what a limit
-- counts is held or charged.
--
-- KEYS[1]  the account's subject hash
-- KEYS[2]  where it is charged at once: the account's state hash; gets `first` =
--          now if it had none
-- ARGV     test clock ('' for the server's), transaction, lease ttl in ms,
--          limits, amounts asked for once, amounts that were granted before and are
--          not held (limits.lua), for how many recipients to come to look, of each recipient its resource and 1 if
--          it may take a place or 0 if it is only judged
--          (both one digit, one text for all)
-- Returns  numbers, packed: now, then of each recipient 1 if granted else 0, and
--          its usage as in includes/room.lua; then for how many to come there is ample room, 1 if
--          what was granted is held else 0, what was granted by now and is not held (each
--          resource and its amount, 0 after all of them), and where it is charged at once, 1 if
--          this was the account's first message else 0
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local transaction = next_argument()
local lease_ttl = tonumber(next_argument())
local limits = next_limits()
local amounts = next_amounts()
local unheld = next_amounts()
local ahead = tonumber(next_argument())
local wanted = next_argument()

local limited = resources_of(limits)
local account = open_subject(plan_subjects(limits, transaction, now), KEYS[1])

-- As if it were held: what becomes of it is known at the end.
local taken = {}
local take = KEYS[2] and charge or hold

local function take_limited(resource, amount)
  if limited[resource] and amount > 0 then
    take(account, resource, amount)
    taken[resource] = (taken[resource] or 0) + amount
  end
end

for resource, amount in pairs(unheld) do
  take_limited(resource, amount)
end

-- What is asked once is judged once: if it does not fit, nobody is granted.
local once, all_denied = {}, false
for i, limit in ipairs(limits) do
  if (amounts[limit.resource] or 0) > 0 then
    once[i] = judge_limit(account, limit, amounts[limit.resource])
    all_denied = all_denied or once[i].denies
  end
end

local any_granted = false
local function grant(resource)
  take_limited(resource, 1)
  if any_granted then
    return
  end
  any_granted = true
  for asked, amount in pairs(amounts) do
    take_limited(asked, amount)
  end
end

local DIGIT = string.byte('0')
local answer = { now }
for at = 1, #wanted, 2 do
  local resource, may_take = string.byte(wanted, at, at + 1)
  resource = resource - DIGIT
  local judged, denied = {}, all_denied
  for i, limit in ipairs(limits) do
    if limit.resource == resource then
      judged[i] = judge_limit(account, limit, 1)
      denied = denied or judged[i].denies
    else
      judged[i] = once[i]
    end
  end
  if not denied and may_take > DIGIT then
    grant(resource)
  end
  answer[#answer + 1] = denied and 0 or 1
  add_usage(answer, account, limits, judged)
end

local function must_hold()
  for resource, amount in pairs(taken) do
    -- It held something of it before.
    if account.lease[resource] > amount then
      return true
    end
  end
  for _, limit in ipairs(limits) do
    if not is_ample(account, limit, taken[limit.resource] or 0) then
      return true
    end
  end
  return false
end

-- What was promised may have been taken by others since. It is not held then: the
-- charge takes what is held as judged, and must judge this.
local function all_fits()
  for _, limit in ipairs(limits) do
    if limit.enforced and taken[limit.resource] and used_of(account, limit) > limit.count then
      return false
    end
  end
  return true
end

-- Of RESOURCES in window-codec.ts.
local RECIPIENTS = 2

local function room_ahead()
  local places, own = ahead, taken[RECIPIENTS] or 0
  for _, limit in ipairs(limits) do
    if limit.resource == RECIPIENTS then
      places = math.min(places, math.floor((limit.count - used_of(account, limit)) / AMPLE) - own)
    end
  end
  return math.max(0, places)
end

local held = not KEYS[2] and next(taken) ~= nil and must_hold() and all_fits()
answer[#answer + 1] = any_granted and not held and ahead > 0 and room_ahead() or 0
answer[#answer + 1] = held and 1 or 0
if not KEYS[2] and not held then
  for resource, amount in pairs(taken) do
    answer[#answer + 1], answer[#answer + 2] = resource, amount
  end
  unhold(account, taken)
end
answer[#answer + 1] = 0
if KEYS[2] then
  answer[#answer + 1] = any_granted and redis.call('HSETNX', KEYS[2], 'first', whole(now)) or 0
end
-- A call renews what the lease held before.
account.lease_changed = account.lease_changed or account.leased
save_subject(account, lease_ttl)
return packed_numbers(answer)
