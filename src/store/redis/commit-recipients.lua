-- Turns the holds on recipient addresses into charges in the slots of now. One
-- that ran out is judged again; if one is denied, none is charged. The holds
-- are gone either way.
--
-- KEYS     two for each address: subject hash for all accounts, subject hash
--          for this account
-- ARGV     test clock ('' for the server's), transaction, the account's
--          limits, everyone's limits (limits.lua)
-- Returns  numbers, packed: now, 1 if granted else 0, then of each address usage
--          by the account's limits and by everyone's (includes/room.lua)
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local transaction = next_argument()
local account_limits = next_limits()
local everyone_limits = next_limits()

local everyone_plan = plan_subjects(everyone_limits, transaction, now)
local account_plan = plan_subjects(account_limits, transaction, now)
local everyone_resources, account_resources = resources_of(everyone_limits), resources_of(account_limits)

-- Opens a subject and judges it, its own hold given back first.
local function judge_again(key, plan, limits, resources)
  local subject = open_subject(plan, key)
  local had = {}
  for resource, amount in pairs(subject.lease) do
    had[resource] = amount > 0
  end
  drop_lease(subject)
  local judged, denied = {}, false
  for i, limit in ipairs(limits) do
    judged[i] = had[limit.resource] and FITS or judge_limit(subject, limit, 1)
    denied = denied or judged[i].denies
  end
  return { subject = subject, limits = limits, resources = resources, judged = judged }, denied
end

local opened, any_denied = {}, false
for i = 1, #KEYS do
  local denied
  if i % 2 == 1 then
    opened[i], denied = judge_again(KEYS[i], everyone_plan, everyone_limits, everyone_resources)
  else
    opened[i], denied = judge_again(KEYS[i], account_plan, account_limits, account_resources)
  end
  any_denied = any_denied or denied
end

if not any_denied then
  for _, one in ipairs(opened) do
    for resource in pairs(one.resources) do
      charge(one.subject, resource, 1)
    end
  end
end
local numbers = { now, any_denied and 0 or 1 }
for i = 1, #opened, 2 do
  local everyone, own = opened[i], opened[i + 1]
  add_usage(numbers, own.subject, own.limits, own.judged)
  add_usage(numbers, everyone.subject, everyone.limits, everyone.judged)
  save_subject(own.subject)
  save_subject(everyone.subject)
end
return packed_numbers(numbers)
