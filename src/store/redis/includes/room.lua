-- Is there room, how much is used, and when will there be room again?

local function used_of(subject, limit)
  return subject.windows[limit.field].total + (subject.held[limit.resource] or 0)
end

local function is_over(subject, limit, amount)
  return amount > 0 and used_of(subject, limit) + amount > limit.count
end

-- Milliseconds until `amount` more fits by slots leaving the window; -1 when no
-- such wait can help.
local function frees_up_in(subject, limit, amount)
  local window = subject.windows[limit.field]
  local excess = used_of(subject, limit) + amount - limit.count
  if amount > limit.count or excess > window.total then
    return -1
  end
  if not window.counts then
    window.counts = get_fields(subject.key, slot_fields(window, window.oldest, window.newest))
  end
  for i, count in ipairs(window.counts) do
    excess = excess - tonumber(count or 0)
    if excess <= 0 then
      return (window.oldest + i) * window.width + window.per - subject.now
    end
  end
  return -1
end

-- What a caller hears of one limit: { used, 1 if over, ms until it frees up or -1 }.
-- `judged` comes from judge_limit.
local function usage_of(subject, limit, judged)
  return { used_of(subject, limit), judged.over and 1 or 0, judged.frees_up_in }
end

-- Judges an amount against one limit as things stand.
local function judge_limit(subject, limit, amount)
  if not is_over(subject, limit, amount) then
    return { over = false, frees_up_in = -1 }
  end
  return { over = true, denies = limit.enforced, frees_up_in = frees_up_in(subject, limit, amount) }
end

-- The limits that were judged, flat: index from 1, then usage_of.
local function usage_list(subject, limits, judged)
  local list = {}
  for i, limit in ipairs(limits) do
    if judged[i] then
      list[#list + 1] = i
      for _, value in ipairs(usage_of(subject, limit, judged[i])) do
        list[#list + 1] = value
      end
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
    denied = denied or judged[i].denies or false
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
