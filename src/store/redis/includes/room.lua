-- Is there room, how much is used, and when will there be room again?

local function used_of(subject, limit)
  return subject.states[limit.window].total + (subject.held[limit.resource] or 0)
end

local function is_over(subject, limit, amount)
  return amount > 0 and used_of(subject, limit) + amount > limit.count
end

-- Milliseconds until `amount` more fits by slots leaving the window; -1 when no
-- such wait can help.
local function frees_up_in(subject, limit, amount)
  local window, state = subject.plan.windows[limit.window], subject.states[limit.window]
  local excess = used_of(subject, limit) + amount - limit.count
  if amount > limit.count or excess > state.total then
    return -1
  end
  if not state.counts then
    state.counts = get_fields(subject.key, slot_fields(window, state.oldest, state.newest))
  end
  for i, count in ipairs(state.counts) do
    excess = excess - tonumber(count or 0)
    if excess <= 0 then
      return (state.oldest + i) * window.width + window.per - subject.plan.now
    end
  end
  return -1
end

local FITS = { over = false, denies = false, frees_up_in = -1 }

-- Judges an amount against one limit as things stand.
local function judge_limit(subject, limit, amount)
  if not is_over(subject, limit, amount) then
    return FITS
  end
  return { over = true, denies = limit.enforced, frees_up_in = frees_up_in(subject, limit, amount) }
end

-- What a caller hears of the limits that were judged, flat: index from 1, used,
-- 1 if over, ms until it frees up or -1. `judged` comes from judge_limit.
local function usage_list(subject, limits, judged)
  local list, at = {}, 0
  for i, limit in ipairs(limits) do
    local one = judged[i]
    if one then
      list[at + 1] = i
      list[at + 2] = used_of(subject, limit)
      list[at + 3] = one.over and 1 or 0
      list[at + 4] = one.frees_up_in
      at = at + 4
    end
  end
  return list
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

-- The resources that limits count, each once: { resource = true }.
local function resources_of(limits)
  local resources = {}
  for _, limit in ipairs(limits) do
    resources[limit.resource] = true
  end
  return resources
end
