-- Holds one place for each recipient address in the windows of messages to it,
-- by this account and by all accounts, and tells what is known of it.
--
-- KEYS     five for each address, all with its tag: subject hash for all
--          accounts, subject hash for this account, suppressions, revocations,
--          rejection streaks
-- ARGV     test clock ('' for the server's), transaction, lease ttl in ms,
--          account, 1 if suppressions are wanted, 1 if revocations, 1 if
--          rejection streaks, the account's limits, everyone's limits
--          (arguments.lua)
-- Returns  { now, addresses }; of each address { 1 if granted else 0, usage by
--          the account's limits, usage by everyone's limits, the account's
--          suppression, the global one, revocation, the account's streak, the
--          global one }; usage as in includes/room.lua; what is not there or
--          not wanted is ''
--@include clock arguments fields lease subject room
local KEYS_PER_ADDRESS = 5
local now = clock(next_argument())
local transaction = next_argument()
local lease_ttl = tonumber(next_argument())
local account = next_argument()
local wants_suppression = next_argument() == '1'
local wants_revocation = next_argument() == '1'
local wants_rejections = next_argument() == '1'
local account_limits = next_limits()
local everyone_limits = next_limits()

local everyone_plan = plan_subjects(everyone_limits, transaction, now)
local account_plan = plan_subjects(account_limits, transaction, now)
local everyone_resources, account_resources = resources_of(everyone_limits), resources_of(account_limits)

local function hold_one(subject, resources)
  for resource in pairs(resources) do
    hold(subject, resource, 1)
  end
end

local function reserve(everyone_key, account_key)
  if #account_limits == 0 and #everyone_limits == 0 then
    return 1, {}, {}
  end
  local everyone = open_subject(everyone_plan, everyone_key)
  local own = open_subject(account_plan, account_key)
  local own_judged, own_denied = judge_one_more(own, account_limits)
  local everyone_judged, everyone_denied = judge_one_more(everyone, everyone_limits)
  local granted = not own_denied and not everyone_denied
  if granted then
    hold_one(own, account_resources)
    hold_one(everyone, everyone_resources)
  end
  save_subject(own, lease_ttl)
  save_subject(everyone, lease_ttl)
  return granted and 1 or 0,
    usage_list(own, account_limits, own_judged),
    usage_list(everyone, everyone_limits, everyone_judged)
end

-- Of the account and of all accounts.
local function both(wanted, key)
  if not wanted then
    return '', ''
  end
  local found = redis.call('HMGET', key, account, '')
  return found[1] or '', found[2] or ''
end

local answers = {}
for first = 1, #KEYS, KEYS_PER_ADDRESS do
  local granted, own_usage, everyone_usage = reserve(KEYS[first], KEYS[first + 1])
  local own_suppression, global_suppression = both(wants_suppression, KEYS[first + 2])
  local revocation = wants_revocation and redis.call('HGET', KEYS[first + 3], account) or ''
  local own_streak, global_streak = both(wants_rejections, KEYS[first + 4])
  answers[#answers + 1] = {
    granted, own_usage, everyone_usage,
    own_suppression, global_suppression, revocation, own_streak, global_streak,
  }
end
return { now, answers }
