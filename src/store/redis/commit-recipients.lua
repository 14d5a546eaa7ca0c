-- Turns the holds on recipient addresses into charges in the slots of now. One
-- that ran out is judged again; if one is denied, none is charged. The holds
-- are gone either way.
--
-- KEYS     two for each address: subject hash for all accounts, subject hash
--          for this account
-- ARGV     test clock ('' for the server's), transaction, the account's
--          limits, everyone's limits (arguments.lua)
-- Returns  { now, 1 if granted else 0, addresses }; of each address { usage by
--          the account's limits, usage by everyone's limits }, usage as in
--          includes/room.lua
--@include clock arguments fields lease subject room
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

local usages = {}
for i, one in ipairs(opened) do
  if not any_denied then
    for resource in pairs(one.resources) do
      charge(one.subject, resource, 1)
    end
  end
  usages[i] = usage_list(one.subject, one.limits, one.judged)
  save_subject(one.subject)
end
local answers = {}
for i = 1, #usages, 2 do
  answers[#answers + 1] = { usages[i + 1], usages[i] }
end
return { now, any_denied and 0 or 1, answers }
