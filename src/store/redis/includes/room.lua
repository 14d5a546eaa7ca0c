-- Is there room, how much is used, and when will there be room again?

local function used_of(subject, limit)
  return total_of(subject, limit) + held_of(subject, limit.resource)
end

-- Of src/store/window.ts.
local AMPLE = 64

-- Whether what a transaction asks for leaves so much room that it need not be held.
local function is_ample(subject, limit, asked)
  return asked == 0 or asked * AMPLE <= limit.count - used_of(subject, limit)
end

-- Milliseconds until `amount` more fits by slots leaving the window; -1 when no
-- such wait can help.
local function frees_up_in(subject, limit, amount)
  local excess = used_of(subject, limit) + amount - limit.count
  if amount > limit.count or excess > total_of(subject, limit) then
    return -1
  end
  local windows, at = subject.windows, subject.places[limit.window]
  local oldest = windows[at + NEWEST] - windows[at + SPAN]
  for i, count in ipairs(slot_counts(subject.key, windows, at, oldest)) do
    excess = excess - tonumber(count or 0)
    if excess <= 0 then
      return (oldest + i) * limit.width + limit.per - subject.plan.now
    end
  end
  return -1
end

local FITS = { over = false, denies = false }

-- Judges an amount against one limit as things stand.
local function judge_limit(subject, limit, amount)
  if amount <= 0 or used_of(subject, limit) + amount <= limit.count then
    return FITS
  end
  return { over = true, denies = limit.enforced, frees_up_in = frees_up_in(subject, limit, amount) }
end

-- Adds to a list what a caller hears of the limits that were judged: index from
-- 1 and used; for those that are over minus index, used, and ms until it frees
-- up or -1; after all of them 0. `judged` comes from judge_limit.
local function add_usage(list, subject, limits, judged)
  local at = #list
  for i, limit in ipairs(limits) do
    local one = judged[i]
    if one then
      list[at + 1] = one.over and -i or i
      list[at + 2] = used_of(subject, limit)
      at = at + 2
      if one.over then
        at = at + 1
        list[at] = one.frees_up_in
      end
    end
  end
  list[at + 1] = 0
end

-- Judges one more of each limit's resource. Gives the judgements and whether
-- an enforced one is over.
local function judge_one_more(subject, limits)
  local judged, denied = {}, false
  for i, limit in ipairs(limits) do
    judged[i] = judge_limit(subject, limit, 1)
    denied = denied or judged[i].denies
  end
  return judged, denied
end

-- The resources that limits count, and one place in each: { [resource] = 1 }.
local function resources_of(limits)
  local resources = {}
  for _, limit in ipairs(limits) do
    resources[limit.resource] = 1
  end
  return resources
end
