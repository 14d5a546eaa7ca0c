-- A subject's hash: for each window a head `<resource>:<per>` =
-- "<total>:<oldest slot>:<newest slot>" and a count in each slot
-- `<resource>:<per>:<slot>`; and its leases (lease.lua). Opened with one read,
-- saved with one write. How a window counts: src/store/window.ts.
--
-- A call works out once what it reads of its subjects, the plan: of ten
-- recipients each has the same windows.
local SLOTS_PER_WINDOW = 64

local function parse_head(text)
  local total, oldest, newest = string.match(text, '^(%d+):(%d+):(%d+)$')
  return tonumber(total), tonumber(oldest), tonumber(newest)
end

local function slot_fields(window, from, to)
  local fields = {}
  for slot = from, to do
    fields[#fields + 1] = window.field .. ':' .. whole(slot)
  end
  return fields
end

local function add_window(plan, limit)
  local width = math.ceil(limit.per / SLOTS_PER_WINDOW)
  local slot = math.floor(plan.now / width)
  local window = {
    field = limit.field,
    resource = limit.resource,
    per = limit.per,
    width = width,
    slot = slot,
    keep = math.floor((plan.now - limit.per) / width),
  }
  plan.windows[#plan.windows + 1] = window
  plan.fields[#plan.fields + 1] = window.field
  if plan.charges then
    window.slot_field = window.field .. ':' .. whole(slot)
    plan.fields[#plan.fields + 1] = window.slot_field
  end
  plan.ttl = math.max(plan.ttl, limit.per + 2 * width)
  return #plan.windows
end

-- `resources`: { resource = true }, those of the limits and of amounts beside
-- them. `charges`: false where nothing will be charged, only held.
local function plan_subjects(limits, resources, transaction, now, charges)
  local plan = { now = now, charges = charges, windows = {}, asked = {}, ttl = 0 }
  plan.lease_field = 'l:' .. transaction
  plan.fields = { 'e', plan.lease_field }
  local index_of = {}
  for _, limit in ipairs(limits) do
    resources[limit.resource] = true
    limit.window = index_of[limit.field] or add_window(plan, limit)
    index_of[limit.field] = limit.window
  end
  for resource in pairs(resources) do
    plan.asked[#plan.asked + 1] = resource
    plan.fields[#plan.fields + 1] = 'h:' .. resource
  end
  return plan
end

-- Takes away the slots that have wholly left the window.
local function prune(subject, window, state)
  local left = slot_fields(window, state.oldest, math.min(window.keep - 1, state.newest))
  for i, count in ipairs(get_fields(subject.key, left)) do
    if count then
      state.total = state.total - tonumber(count)
      subject.removals[#subject.removals + 1] = left[i]
    end
  end
  state.changed = true
  state.oldest = window.keep
  if state.newest < window.keep then
    state.total, state.oldest, state.newest = 0, false, false
  end
end

local function open_subject(plan, key)
  -- Every field has its place from the start: a table that grows is copied.
  local subject = {
    key = key, plan = plan, states = {}, held = {}, removals = {}, lease = {}, earliest = false, lease_expiry = false,
    leased = false, lease_changed = false,
  }
  local values = get_fields(key, plan.fields)
  if values[1] and tonumber(values[1]) <= plan.now then
    sweep_leases(key, plan.now)
    values = get_fields(key, plan.fields)
  end
  subject.earliest = values[1] and tonumber(values[1])
  if values[2] then
    subject.lease_expiry, subject.lease = parse_lease(values[2])
    subject.leased = true
  end
  local at = 3
  for i, window in ipairs(plan.windows) do
    local state = { total = 0, here = 0, oldest = false, newest = false, changed = false, charged = false }
    subject.states[i] = state
    local head = values[at]
    if head then
      state.total, state.oldest, state.newest = parse_head(head)
    end
    at = at + 1
    if plan.charges then
      state.here = values[at] and tonumber(values[at]) or 0
      at = at + 1
    end
    if state.oldest and state.oldest < window.keep then
      prune(subject, window, state)
    end
  end
  for i, resource in ipairs(plan.asked) do
    local held = values[at + i - 1]
    subject.held[resource] = held and tonumber(held) or 0
  end
  return subject
end

-- Adds to a transaction's hold (takes off it, if negative; never below nothing).
local function hold(subject, resource, amount)
  local had = subject.lease[resource] or 0
  local has = math.max(0, had + amount)
  subject.lease[resource] = has
  subject.held[resource] = math.max(0, (subject.held[resource] or 0) + has - had)
  subject.lease_changed = true
end

-- Gives the whole lease back, resources that no limit asked for included.
local function drop_lease(subject)
  for resource, amount in pairs(subject.lease) do
    if not subject.held[resource] then
      subject.held[resource] = tonumber(redis.call('HGET', subject.key, 'h:' .. resource) or 0)
    end
    hold(subject, resource, -amount)
  end
end

-- Charges an amount to every window of a resource once, in the slot of now.
local function charge(subject, resource, amount)
  if amount <= 0 then
    return
  end
  for i, window in ipairs(subject.plan.windows) do
    if window.resource == resource then
      local state = subject.states[i]
      state.total = state.total + amount
      state.here = state.here + amount
      if not state.oldest or state.oldest > window.slot then
        state.oldest = window.slot
      end
      if not state.newest or state.newest < window.slot then
        state.newest = window.slot
      end
      state.changed, state.charged = true, true
    end
  end
end

-- Adds what is to be written of the lease; gives how long the key must live for it.
local function write_lease(subject, lease_ttl, writes, removals)
  local now = subject.plan.now
  local expiry = lease_ttl and now + lease_ttl or subject.lease_expiry
  local lease = format_lease(expiry, subject.lease)
  local ttl = 0
  if lease then
    local at = #writes
    writes[at + 1], writes[at + 2] = subject.plan.lease_field, lease
    ttl = expiry - now
    if not subject.earliest or expiry < subject.earliest then
      writes[#writes + 1] = 'e'
      writes[#writes + 1] = whole(expiry)
    end
  elseif subject.leased then
    removals[#removals + 1] = subject.plan.lease_field
  end
  -- Only what the lease has can have changed, and only what was asked for.
  for resource in pairs(subject.lease) do
    local amount = subject.held[resource]
    if amount and amount > 0 then
      writes[#writes + 1] = 'h:' .. resource
      writes[#writes + 1] = whole(amount)
    elseif amount then
      removals[#removals + 1] = 'h:' .. resource
    end
  end
  return ttl
end

-- Writes what changed. `lease_ttl`: how long the hold lasts from now, ms; nil
-- where it goes on as it was.
local function save_subject(subject, lease_ttl)
  local writes, removals, ttl = {}, subject.removals, subject.plan.ttl
  for i, window in ipairs(subject.plan.windows) do
    local state = subject.states[i]
    local at = #writes
    if state.charged then
      writes[at + 1], writes[at + 2] = window.slot_field, whole(state.here)
      at = at + 2
    end
    if state.changed and state.oldest then
      writes[at + 1] = window.field
      writes[at + 2] = string.format('%.0f:%.0f:%.0f', state.total, state.oldest, state.newest)
    elseif state.changed then
      removals[#removals + 1] = window.field
    end
  end
  if subject.lease_changed then
    ttl = math.max(ttl, write_lease(subject, lease_ttl, writes, removals))
  end
  if #removals > 0 then
    delete_fields(subject.key, removals)
  end
  if #writes > 0 then
    redis.call('HSET', subject.key, unpack(writes))
    live_on(subject.key, ttl)
  end
end
