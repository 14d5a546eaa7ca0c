-- Holds room in an account's windows for a batch of recipients, in order, or
-- charges for them at once. Only what a limit counts is held or charged.
--
-- KEYS[1]  the account's subject hash
-- KEYS[2]  where it is charged at once: the account's state hash; gets `first` =
--          now if it had none
-- ARGV     test clock ('' for the server's), transaction, lease ttl in ms,
--          limits and amounts asked for once (limits.lua), places of recipients to
--          hold ahead, of each recipient its resource and 1 if it may hold a place or 0 if it is only judged
--          (both one digit, one text for all)
-- Returns  numbers, packed: now, then of each recipient 1 if granted else 0, and
--          its usage as in includes/room.lua; then places held ahead, and where it is
--          charged at once, 1 if this was the account's first message else 0
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local transaction = next_argument()
local lease_ttl = tonumber(next_argument())
local limits = next_limits()
local amounts = next_amounts()
local ahead = tonumber(next_argument())
local wanted = next_argument()

local limited = resources_of(limits)
local account = open_subject(plan_subjects(limits, transaction, now), KEYS[1])

local take = KEYS[2] and charge or hold

local function take_limited(resource, amount)
  if limited[resource] then
    take(account, resource, amount)
  end
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

-- Of RESOURCES and AHEAD_SHARE: window-codec.ts, src/store/window.ts.
local RECIPIENTS, AHEAD_SHARE = 2, 256

local function hold_ahead()
  local places = ahead
  for _, limit in ipairs(limits) do
    if limit.resource == RECIPIENTS then
      places = math.min(places, math.floor((limit.count - used_of(account, limit)) / AHEAD_SHARE))
    end
  end
  if places > 0 and limited[RECIPIENTS] then
    hold(account, RECIPIENTS, places)
  end
  return math.max(0, places)
end

local DIGIT = string.byte('0')
local answer = { now }
for at = 1, #wanted, 2 do
  local resource, may_hold = string.byte(wanted, at, at + 1)
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
  if not denied and may_hold > DIGIT then
    grant(resource)
  end
  answer[#answer + 1] = denied and 0 or 1
  add_usage(answer, account, limits, judged)
end
answer[#answer + 1] = any_granted and ahead > 0 and hold_ahead() or 0
if KEYS[2] then
  answer[#answer + 1] = any_granted and redis.call('HSETNX', KEYS[2], 'first', whole(now)) or 0
end
-- A call renews what the lease held before.
account.lease_changed = account.lease_changed or account.leased
account.changed = account.changed or account.leased
save_subject(account, lease_ttl)
return packed_numbers(answer)
