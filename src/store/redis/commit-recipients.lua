-- Turns the holds on recipient addresses into charges in the slots of now. Where
-- nothing is held, or it ran out, it is judged again; if one is denied, none is
-- charged. The holds are gone either way.
--
-- KEYS     two for each address: subject hash for all accounts, subject hash
--          for this account
-- ARGV     test clock ('' for the server's), transaction, the account's
--          limits, everyone's limits (limits.lua)
-- Returns  numbers, packed: now, 1 if granted else 0, then of each address usage
--          by the account's limits and by everyone's (includes/room.lua), none
--          where it is the first message
--@include clock arguments limits fields lease subject room first-mail
local now = clock(next_argument())
local transaction = next_argument()
local account_limits = next_limits()
local everyone_limits = next_limits()

-- How subjects of one sort are judged and charged.
local function sort_of(limits)
  return {
    limits = limits, plan = plan_subjects(limits, transaction, now),
    resources = resources_of(limits), alike = are_alike(limits),
  }
end
local everyone, own = sort_of(everyone_limits), sort_of(account_limits)

-- Opens a subject and judges it, its own hold given back first.
local function judge_again(sort, key, packed, written)
  local subject = subject_of(sort.plan, key, packed, written)
  local had = {}
  for resource, amount in pairs(subject.lease) do
    had[resource] = amount > 0
  end
  drop_lease(subject)
  local judged, denied = {}, false
  for i, limit in ipairs(sort.limits) do
    judged[i] = had[limit.resource] and FITS or judge_limit(subject, limit, 1)
    denied = denied or judged[i].denies
  end
  return { sort = sort, subject = subject, judged = judged }, denied
end

local opened, any_denied = {}, false
for i, key in ipairs(KEYS) do
  local sort = i % 2 == 1 and everyone or own
  local packed, written = read_subject(sort.plan, key)
  if not packed and sort.alike then
    opened[i] = { sort = sort, first = key }
  else
    local denied
    opened[i], denied = judge_again(sort, key, packed, written)
    any_denied = any_denied or denied
  end
end

local numbers = { now, any_denied and 0 or 1 }

local function finish(one)
  if one.first then
    if not any_denied then
      charge_first(one.first, one.sort.plan)
    end
    -- Nothing is over.
    numbers[#numbers + 1] = 0
    return
  end
  if not any_denied then
    for resource in pairs(one.sort.resources) do
      charge(one.subject, resource, 1)
    end
  end
  add_usage(numbers, one.subject, one.sort.limits, one.judged)
  save_subject(one.subject)
end

for i = 1, #opened, 2 do
  finish(opened[i + 1])
  finish(opened[i])
end
return packed_numbers(numbers)
