-- A subject's hash. Field `s` is its state, packed: `w`, for each window
-- `<resource>:<per>` a head { total, oldest slot, newest slot, count in the
-- newest slot }; `h`, what is held of each resource; `e` (lease.lua); `x`, until
-- when the key lives. Counts of older slots are in `<resource>:<per>:<slot>`, so
-- that most calls read and write one short string whatever a window has seen.
-- How a window counts: src/store/window.ts.
--
-- A call works out once what it asks of its subjects, the plan: of ten
-- recipients each has the same windows.
local TOTAL, OLDEST, NEWEST, HERE = 1, 2, 3, 4
local SLOTS_PER_WINDOW = 64

local function slot_fields(field, from, to)
  local fields = {}
  for slot = from, to do
    fields[#fields + 1] = field .. ':' .. whole(slot)
  end
  return fields
end

-- Gives `limits` the index of their window in the plan.
local function plan_subjects(limits, transaction, now)
  local plan = { now = now, windows = {}, ttl = 0, lease_field = 'l:' .. transaction }
  local windows, index_of = plan.windows, {}
  for _, limit in ipairs(limits) do
    local at = index_of[limit.field]
    if not at then
      at = #windows + 1
      index_of[limit.field] = at
      windows[at] = limit
      limit.slot = math.floor(now / limit.width)
      limit.keep = math.floor((now - limit.per) / limit.width)
      plan.ttl = math.max(plan.ttl, limit.per + 2 * limit.width)
    end
    limit.window = at
  end
  return plan
end

-- Takes away the slots before `keep`, which have wholly left the window. Gives
-- the head, or nil when nothing is left.
local function prune(key, field, head, keep)
  local left = slot_fields(field, head[OLDEST], math.min(keep, head[NEWEST]) - 1)
  local gone = {}
  for i, count in ipairs(get_fields(key, left)) do
    if count then
      head[TOTAL] = head[TOTAL] - tonumber(count)
      gone[#gone + 1] = left[i]
    end
  end
  delete_fields(key, gone)
  if head[NEWEST] < keep then
    return nil
  end
  head[OLDEST] = keep
  return head
end

local function read_state(key, now, packed)
  local state = packed and cmsgpack.unpack(packed) or { w = {}, h = {}, x = 0 }
  if state.e and state.e <= now then
    sweep_leases(key, state, now)
    return state, true
  end
  return state, false
end

local function open_subject(plan, key)
  local values = redis.call('HMGET', key, 's', plan.lease_field)
  local state, swept = read_state(key, plan.now, values[1])
  local subject = {
    key = key, plan = plan, state = state, heads = {}, changed = swept,
    lease = {}, lease_expiry = false, leased = false, lease_changed = false,
  }
  local written = values[2]
  if written and swept then
    written = redis.call('HGET', key, plan.lease_field)
  end
  if written then
    subject.lease_expiry, subject.lease = parse_lease(written)
    subject.leased = true
  end
  for i, window in ipairs(plan.windows) do
    local head = state.w[window.field]
    if head and head[OLDEST] < window.keep then
      head = prune(key, window.field, head, window.keep)
      state.w[window.field] = head
      subject.changed = true
    end
    subject.heads[i] = head or false
  end
  return subject
end

local function total_of(subject, limit)
  local head = subject.heads[limit.window]
  return head and head[TOTAL] or 0
end

local function held_of(subject, resource)
  return subject.state.h[resource] or 0
end

-- Adds to a transaction's hold (takes off it, if negative; never below nothing).
local function hold(subject, resource, amount)
  local had = subject.lease[resource] or 0
  local has = math.max(0, had + amount)
  local held = math.max(0, held_of(subject, resource) + has - had)
  subject.lease[resource] = has
  subject.state.h[resource] = held > 0 and held or nil
  subject.lease_changed = true
  subject.changed = true
end

local function drop_lease(subject)
  for resource, amount in pairs(subject.lease) do
    hold(subject, resource, -amount)
  end
end

local function charge_window(subject, at, amount)
  local window, head = subject.plan.windows[at], subject.heads[at]
  local slot = window.slot
  if not head then
    head = { amount, slot, slot, amount }
    subject.heads[at] = head
    subject.state.w[window.field] = head
    return
  end
  head[TOTAL] = head[TOTAL] + amount
  if slot == head[NEWEST] then
    head[HERE] = head[HERE] + amount
  elseif slot > head[NEWEST] then
    redis.call('HSET', subject.key, window.field .. ':' .. whole(head[NEWEST]), whole(head[HERE]))
    head[NEWEST], head[HERE] = slot, amount
  else
    -- The clock went back.
    redis.call('HINCRBY', subject.key, window.field .. ':' .. whole(slot), whole(amount))
    head[OLDEST] = math.min(head[OLDEST], slot)
  end
end

-- Charges an amount to every window of a resource once, in the slot of now.
local function charge(subject, resource, amount)
  if amount <= 0 then
    return
  end
  for at, window in ipairs(subject.plan.windows) do
    if window.resource == resource then
      charge_window(subject, at, amount)
      subject.changed = true
    end
  end
end

-- Windows that no config asks for any more would stay for as long as others keep
-- the key alive.
local function forget_old_windows(subject)
  local now = subject.plan.now
  for field, head in pairs(subject.state.w) do
    local per = tonumber(string.match(field, '(%d+)$'))
    local keep = math.floor((now - per) / math.ceil(per / SLOTS_PER_WINDOW))
    if head[NEWEST] < keep then
      prune(subject.key, field, head, keep)
      subject.state.w[field] = nil
    end
  end
end

-- Writes what changed. `lease_ttl`: how long the hold lasts from now, ms; nil
-- where it goes on as it was.
local function save_subject(subject, lease_ttl)
  if not subject.changed then
    return
  end
  local key, state, now = subject.key, subject.state, subject.plan.now
  local ttl, lease = subject.plan.ttl, nil
  if subject.lease_changed then
    local expiry = lease_ttl and now + lease_ttl or subject.lease_expiry
    lease = format_lease(expiry, subject.lease)
    if lease then
      ttl = math.max(ttl, expiry - now)
      state.e = math.min(state.e or expiry, expiry)
    elseif subject.leased then
      redis.call('HDEL', key, subject.plan.lease_field)
    end
  end
  -- A little more than it must live, so that not every call has to say so again.
  -- Never less than before: a call that knows only short windows must not cut
  -- the life of long ones.
  local expires = now + ttl > state.x
  if expires then
    state.x = now + ttl + math.floor(ttl / 16)
    forget_old_windows(subject)
  end
  if lease then
    redis.call('HSET', key, 's', cmsgpack.pack(state), subject.plan.lease_field, lease)
  else
    redis.call('HSET', key, 's', cmsgpack.pack(state))
  end
  if expires then
    redis.call('PEXPIRE', key, whole(state.x - now))
  end
end
