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
--@include clock arguments limits fields lease subject room first-mail
local now = clock(next_argument())
local transaction = next_argument()
local account_limits = next_limits()
local everyone_limits = next_limits()

-- How subjects of one sort are judged and charged.
local function sort_of(limits)
  return {
    limits = limits, plan = plan_subjects(limits, transaction, now),
    resources = resources_of(limits), first = counted_once(limits),
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
  if is_first_hold(sort.plan, sort.first, packed, written) then
    opened[i] = { sort = sort, key = key, first_hold = packed, lease = written }
  else
    local denied
    opened[i], denied = judge_again(sort, key, packed, written)
    any_denied = any_denied or denied
  end
end

for i, one in ipairs(opened) do
  if any_denied then
    if one.first_hold then
      opened[i] = judge_again(one.sort, one.key, one.first_hold, one.lease)
    end
  elseif one.first_hold then
    charge_first(one.key, one.sort.plan, one.first_hold)
  else
    for resource in pairs(one.sort.resources) do
      charge(one.subject, resource, 1)
    end
  end
end

local numbers = { now, any_denied and 0 or 1 }
local function finish(one)
  if one.subject then
    add_usage(numbers, one.subject, one.sort.limits, one.judged)
    save_subject(one.subject)
  else
    add_alike_usage(numbers, one.sort.limits, 1)
  end
end

for i = 1, #opened, 2 do
  finish(opened[i + 1])
  finish(opened[i])
end
return packed_numbers(numbers)
