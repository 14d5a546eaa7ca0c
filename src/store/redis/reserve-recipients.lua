-- Holds one place for each recipient address in the windows of messages to it,
-- by this account and by all accounts, or charges it at once, and tells what is
-- known of it.
--
-- KEYS     five for each address, all with its tag: subject hash for all
--          accounts, subject hash for this account, suppressions, revocations,
--          rejection streaks
-- ARGV     test clock ('' for the server's), transaction, lease ttl in ms,
--          account, four digits: 1 if suppressions are wanted, 1 if
--          revocations, 1 if rejection streaks, 1 to charge at once, then the
--          account's limits, everyone's limits (limits.lua)
-- Returns  { numbers, what is known … }; numbers, packed: now, then of each
--          address 1 if granted else 0, usage by the account's limits and by
--          everyone's (includes/room.lua), and 1 if anything is known of it;
--          then of each of which something is: the account's suppression, the
--          global one, revocation, the account's streak, the global one; '' for
--          what is not there or not wanted
--@include clock arguments limits fields lease subject room first-mail
local KEYS_PER_ADDRESS = 5
local now = clock(next_argument())
local transaction = next_argument()
local lease_ttl = tonumber(next_argument())
local account = next_argument()
local wanted = next_argument()
local wants_suppression = string.sub(wanted, 1, 1) == '1'
local wants_revocation = string.sub(wanted, 2, 2) == '1'
local wants_rejections = string.sub(wanted, 3, 3) == '1'
local wants_facts = wants_suppression or wants_revocation or wants_rejections
local at_once = string.sub(wanted, 4, 4) == '1'
local take = at_once and charge or hold
local account_limits = next_limits()
local everyone_limits = next_limits()

local everyone_plan = plan_subjects(everyone_limits, transaction, now)
local account_plan = plan_subjects(account_limits, transaction, now)
local everyone_resources, account_resources = resources_of(everyone_limits), resources_of(account_limits)

local account_first = not at_once and counted_once(account_limits)
local everyone_first = not at_once and counted_once(everyone_limits)

local function take_one(subject, resources)
  for resource in pairs(resources) do
    take(subject, resource, 1)
  end
end

local numbers = { now }

local function reserve(everyone_key, account_key)
  if #account_limits == 0 and #everyone_limits == 0 then
    numbers[#numbers + 1], numbers[#numbers + 2], numbers[#numbers + 3] = 1, 0, 0
    return
  end
  local everyone_state, everyone_lease = read_subject(everyone_plan, everyone_key)
  local own_state, own_lease = read_subject(account_plan, account_key)
  if account_first and everyone_first and not everyone_state and not own_state then
    hold_first(account_key, account_plan, account_first, lease_ttl)
    hold_first(everyone_key, everyone_plan, everyone_first, lease_ttl)
    numbers[#numbers + 1] = 1
    add_alike_usage(numbers, account_limits, 1)
    add_alike_usage(numbers, everyone_limits, 1)
    return
  end
  local everyone = subject_of(everyone_plan, everyone_key, everyone_state, everyone_lease)
  local own = subject_of(account_plan, account_key, own_state, own_lease)
  local own_judged, own_denied = judge_one_more(own, account_limits)
  local everyone_judged, everyone_denied = judge_one_more(everyone, everyone_limits)
  local granted = not own_denied and not everyone_denied
  if granted then
    take_one(own, account_resources)
    take_one(everyone, everyone_resources)
  end
  numbers[#numbers + 1] = granted and 1 or 0
  add_usage(numbers, own, account_limits, own_judged)
  add_usage(numbers, everyone, everyone_limits, everyone_judged)
  save_subject(own, lease_ttl)
  save_subject(everyone, lease_ttl)
end

-- Of the account and of all accounts.
local function both(key)
  local found = redis.call('HMGET', key, account, '')
  return found[1], found[2]
end

local answer = { '' }
for first = 1, #KEYS, KEYS_PER_ADDRESS do
  reserve(KEYS[first], KEYS[first + 1])
  local own_suppression, suppression, revocation, own_streak, streak
  -- Of most nothing is.
  if wants_facts and redis.call('EXISTS', KEYS[first + 2], KEYS[first + 3], KEYS[first + 4]) > 0 then
    if wants_suppression then
      own_suppression, suppression = both(KEYS[first + 2])
    end
    if wants_revocation then
      revocation = redis.call('HGET', KEYS[first + 3], account)
    end
    if wants_rejections then
      own_streak, streak = both(KEYS[first + 4])
    end
  end
  local is_known = own_suppression or suppression or revocation or own_streak or streak
  numbers[#numbers + 1] = is_known and 1 or 0
  if is_known then
    local at = #answer
    answer[at + 1], answer[at + 2] = own_suppression or '', suppression or ''
    answer[at + 3] = revocation or ''
    answer[at + 4], answer[at + 5] = own_streak or '', streak or ''
  end
end
answer[1] = packed_numbers(numbers)
return answer
