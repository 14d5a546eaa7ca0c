-- Asks for one place for each recipient address in the windows of messages to it,
-- by this account and by all accounts, holds it if there is little room, or
-- charges it at once, and tells what is known of the address.
--
-- KEYS     five for each address, all with its tag: subject hash for all
--          accounts, subject hash for this account, suppressions, revocations,
--          rejection streaks
-- ARGV     test clock ('' for the server's), transaction, lease ttl in ms,
--          account, five digits: 1 if suppressions are wanted, 1 if
--          revocations, 1 if rejection streaks, 1 to charge at once, 1 if all
--          limits count messages and have ample room for the first one (any, to
--          charge at once), then the account's limits, everyone's limits (limits.lua)
-- Returns  { numbers, what is known … }; numbers, packed: now, then of each
--          address 3 if nothing at all is kept of it, and a place is granted;
--          else 0 if denied, 1 if held or charged, 2 if granted and not held, usage by the
--          account's limits and by everyone's (includes/room.lua), and 1 if
--          anything is known of it; then of each of which something is: the account's suppression, the
--          global one, revocation, the account's streak, the global one; '' for
--          what is not there or not wanted
--@include clock arguments limits fields lease subject room first-mail
local KEYS_PER_ADDRESS = 5
local DENIED, TAKEN, NOT_HELD, FIRST = 0, 1, 2, 3
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
local first_fits = string.sub(wanted, 5, 5) == '1'
local take = at_once and charge or hold
local account_text, everyone_text = next_argument(), next_argument()

local function sort_of(text)
  local limits = limits_in(text)
  return { limits = limits, plan = plan_subjects(limits, transaction, now), resources = resources_of(limits) }
end

-- Only read where something is kept.
local own_sort, everyone_sort
local function read_sorts()
  if not own_sort then
    own_sort, everyone_sort = sort_of(account_text), sort_of(everyone_text)
  end
end

local function first_in(sort, key)
  if #sort.limits > 0 then
    charge_first(key, sort.plan)
  end
end

local function judged_in(sort, key)
  local subject = open_subject(sort.plan, key)
  local judged, denied = judge_one_more(subject, sort.limits)
  return { sort = sort, subject = subject, judged = judged }, denied
end

local function take_one(one)
  for resource, places in pairs(one.sort.resources) do
    take(one.subject, resource, places)
  end
end

-- Whether a place that was just taken needs no holding.
local function has_ample(one)
  for _, limit in ipairs(one.sort.limits) do
    if not is_ample(one.subject, limit, 1) then
      return false
    end
  end
  return not one.subject.leased
end

local numbers = { now }

local function reserve(everyone_key, account_key)
  read_sorts()
  if #own_sort.limits == 0 and #everyone_sort.limits == 0 then
    numbers[#numbers + 1], numbers[#numbers + 2], numbers[#numbers + 3] = NOT_HELD, 0, 0
    return
  end
  local everyone, everyone_denied = judged_in(everyone_sort, everyone_key)
  local own, own_denied = judged_in(own_sort, account_key)
  local granted = not own_denied and not everyone_denied
  if granted then
    take_one(own)
    take_one(everyone)
  end
  local spare = granted and not at_once and has_ample(own) and has_ample(everyone)
  numbers[#numbers + 1] = spare and NOT_HELD or granted and TAKEN or DENIED
  add_usage(numbers, own.subject, own.sort.limits, own.judged)
  add_usage(numbers, everyone.subject, everyone.sort.limits, everyone.judged)
  if spare then
    unhold(own.subject, own.sort.resources)
    unhold(everyone.subject, everyone.sort.resources)
  end
  save_subject(own.subject, lease_ttl)
  save_subject(everyone.subject, lease_ttl)
end

-- Of the account and of all accounts.
local function both(key)
  local found = redis.call('HMGET', key, account, '')
  return found[1], found[2]
end

local answer = { '' }

local function add_facts(suppressions_key, revocations_key, streaks_key)
  local own_suppression, suppression, revocation, own_streak, streak
  -- Of most nothing is.
  if wants_facts and redis.call('EXISTS', suppressions_key, revocations_key, streaks_key) > 0 then
    if wants_suppression then
      own_suppression, suppression = both(suppressions_key)
    end
    if wants_revocation then
      revocation = redis.call('HGET', revocations_key, account)
    end
    if wants_rejections then
      own_streak, streak = both(streaks_key)
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

for first = 1, #KEYS, KEYS_PER_ADDRESS do
  local last = first + KEYS_PER_ADDRESS - 1
  if first_fits and redis.call('EXISTS', unpack(KEYS, first, last)) == 0 then
    numbers[#numbers + 1] = FIRST
    if at_once then
      read_sorts()
      first_in(own_sort, KEYS[first + 1])
      first_in(everyone_sort, KEYS[first])
    end
  else
    reserve(KEYS[first], KEYS[first + 1])
    add_facts(KEYS[first + 2], KEYS[first + 3], KEYS[last])
  end
end
answer[1] = packed_numbers(numbers)
return answer
