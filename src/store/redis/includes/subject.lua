-- A subject's hash. Field `s` is its state, packed: until when the key lives;
-- what is held of each resource and when the first lease runs out (lease.lua);
-- of each window its resource and length, its total, its newest slot, how many
-- slots before that one its oldest is, and the count in the newest. Counts of
-- older slots are in `<resource>:<per>:<slot>`, so that most calls read and write
-- one short string whatever a window has seen. How a window counts:
-- src/store/window.ts.
--
-- Two windows of an address fit in 64 octets, up to which Redis keeps a hash in
-- its compact form. Windows are read into one flat list: a window is the place
-- in it where its numbers begin.
--
-- A call works out once what it asks of its subjects, the plan: of ten
-- recipients each has the same windows.
local WINDOW, WINDOW_OCTETS, WINDOW_NUMBERS = 'BI5I7I6I3I6', 28, 6
local PER, TOTAL, NEWEST, SPAN, HERE = 1, 2, 3, 4, 5
local MAX_SPAN = 2 ^ 24 - 1
local SLOTS_PER_WINDOW = 64
local LETTERS = { 'm', 'r', 'b', 's', 'x', 'n', 'f' }

local function slot_stem(windows, at)
  return LETTERS[windows[at]] .. ':' .. whole(windows[at + PER]) .. ':'
end

local function slot_fields(windows, at, from, to)
  local fields = {}
  if from <= to then
    local stem = slot_stem(windows, at)
    for slot = from, to do
      fields[#fields + 1] = stem .. whole(slot)
    end
  end
  return fields
end

-- Counts of a window's slots from `from` on; false where nothing was charged.
local function slot_counts(key, windows, at, from)
  local newest = windows[at + NEWEST]
  local counts = get_fields(key, slot_fields(windows, at, from, newest - 1))
  counts[newest - from + 1] = windows[at + HERE]
  return counts
end

local function window_in(plan, limit)
  for at, window in ipairs(plan.windows) do
    if window.resource == limit.resource and window.per == limit.per then
      return at
    end
  end
end

-- Gives `limits` the index of their window in the plan.
local function plan_subjects(limits, transaction, now)
  local plan = { now = now, windows = {}, ttl = 0, lease_field = 'l:' .. transaction }
  for _, limit in ipairs(limits) do
    limit.window = window_in(plan, limit)
    if not limit.window then
      limit.window = #plan.windows + 1
      plan.windows[limit.window] = limit
      limit.slot = math.floor(now / limit.width)
      limit.keep = math.floor((now - limit.per) / limit.width)
      plan.ttl = math.max(plan.ttl, limit.per + 2 * limit.width)
    end
  end
  return plan
end

local function read_state(subject, packed)
  local kinds, live_until, at = struct.unpack('<BI6', packed)
  subject.live_until = live_until
  if kinds > 0 then
    local flat = { struct.unpack('<I6' .. string.rep(HELD, kinds), packed, at) }
    subject.earliest, subject.held, at = flat[1], amounts_in(flat, 2), flat[#flat]
  end
  local count = (#packed - at + 1) / WINDOW_OCTETS
  subject.windows = { struct.unpack('<' .. string.rep(WINDOW, count), packed, at) }
  -- What unpack() gives last is where it stopped.
  subject.windows[count * WINDOW_NUMBERS + 1] = nil
end

local function write_state(subject)
  local held, kinds = flat_amounts(subject.held)
  local head
  if kinds > 0 then
    head = struct.pack('<BI6I6' .. string.rep(HELD, kinds), kinds, subject.live_until, subject.earliest, unpack(held))
  else
    head = struct.pack('<BI6', 0, subject.live_until)
  end
  local windows = subject.windows
  return head .. struct.pack('<' .. string.rep(WINDOW, #windows / WINDOW_NUMBERS), unpack(windows))
end

-- Where a window of the plan is; nil when nothing was charged to it. It is mostly
-- where it is in the plan.
local function find_window(windows, index, window)
  local foreseen = (index - 1) * WINDOW_NUMBERS + 1
  if windows[foreseen] == window.resource and windows[foreseen + PER] == window.per then
    return foreseen
  end
  for at = 1, #windows, WINDOW_NUMBERS do
    if windows[at] == window.resource and windows[at + PER] == window.per then
      return at
    end
  end
  return nil
end

-- The last one takes the place of the one that goes.
local function drop_window(subject, at)
  local windows = subject.windows
  local last = #windows - WINDOW_NUMBERS + 1
  for i = 0, WINDOW_NUMBERS - 1 do
    windows[at + i] = windows[last + i]
  end
  for i = WINDOW_NUMBERS - 1, 0, -1 do
    windows[last + i] = nil
  end
  subject.changed = true
end

-- Takes away the slots before `keep`, which have wholly left the window, and the
-- window if nothing is left of it: false then.
local function prune(subject, at, keep)
  local windows = subject.windows
  local newest = windows[at + NEWEST]
  local oldest = newest - windows[at + SPAN]
  if oldest >= keep then
    return true
  end
  local left = slot_fields(windows, at, oldest, math.min(keep, newest) - 1)
  local gone = {}
  for i, count in ipairs(get_fields(subject.key, left)) do
    if count then
      windows[at + TOTAL] = math.max(0, windows[at + TOTAL] - tonumber(count))
      gone[#gone + 1] = left[i]
    end
  end
  delete_fields(subject.key, gone)
  if newest < keep then
    drop_window(subject, at)
    return false
  end
  windows[at + SPAN] = newest - keep
  subject.changed = true
  return true
end

-- Where each window of the plan is.
local function place_windows(subject)
  local windows, places = subject.windows, subject.places
  for index, window in ipairs(subject.plan.windows) do
    local at = find_window(windows, index, window)
    if at and not prune(subject, at, window.keep) then
      -- Another one took its place.
      return place_windows(subject)
    end
    places[index] = at
  end
end

-- What is kept of a subject, false for what is not: its state, and the transaction's lease.
local function read_subject(plan, key)
  local values = redis.call('HMGET', key, 's', plan.lease_field)
  return values[1], values[2]
end

local function subject_of(plan, key, packed, written)
  local subject = {
    key = key, plan = plan, windows = {}, places = {}, held = {}, live_until = 0, changed = false,
    lease = {}, lease_expiry = false, leased = false, lease_changed = false,
  }
  if not packed then
    return subject
  end
  read_state(subject, packed)
  if subject.earliest and subject.earliest <= plan.now then
    sweep_leases(subject, plan.now)
    subject.changed = true
    written = written and redis.call('HGET', key, plan.lease_field)
  end
  if written then
    subject.lease_expiry, subject.lease = parse_lease(written)
    subject.leased = true
  end
  place_windows(subject)
  return subject
end

local function open_subject(plan, key)
  return subject_of(plan, key, read_subject(plan, key))
end

local function total_of(subject, limit)
  local at = subject.places[limit.window]
  return at and subject.windows[at + TOTAL] or 0
end

local function held_of(subject, resource)
  return subject.held[resource] or 0
end

-- Adds to a transaction's hold (takes off it, if negative; never below nothing).
local function hold(subject, resource, amount)
  local had = subject.lease[resource] or 0
  local has = math.max(0, had + amount)
  subject.held[resource] = math.max(0, held_of(subject, resource) + has - had)
  subject.lease[resource] = has
  subject.lease_changed = true
end

-- Takes back what this call held: nothing of it is written.
local function unhold(subject, amounts)
  for resource, amount in pairs(amounts) do
    hold(subject, resource, -amount)
  end
  subject.lease_changed = false
end

local function drop_lease(subject)
  for resource, amount in pairs(subject.lease) do
    hold(subject, resource, -amount)
  end
end

local function charge_window(subject, index, amount)
  local window, windows, at = subject.plan.windows[index], subject.windows, subject.places[index]
  local slot = window.slot
  if not at then
    at = #windows + 1
    subject.places[index] = at
    windows[at], windows[at + PER], windows[at + TOTAL] = window.resource, window.per, amount
    windows[at + NEWEST], windows[at + SPAN], windows[at + HERE] = slot, 0, amount
    return
  end
  local newest = windows[at + NEWEST]
  windows[at + TOTAL] = windows[at + TOTAL] + amount
  if slot == newest then
    windows[at + HERE] = windows[at + HERE] + amount
  elseif slot > newest then
    redis.call('HSET', subject.key, slot_stem(windows, at) .. whole(newest), whole(windows[at + HERE]))
    windows[at + NEWEST], windows[at + HERE] = slot, amount
    windows[at + SPAN] = math.min(MAX_SPAN, windows[at + SPAN] + slot - newest)
  else
    -- The clock went back.
    redis.call('HINCRBY', subject.key, slot_stem(windows, at) .. whole(slot), whole(amount))
    windows[at + SPAN] = math.min(MAX_SPAN, math.max(windows[at + SPAN], newest - slot))
  end
end

-- Charges an amount to every window of a resource once, in the slot of now.
local function charge(subject, resource, amount)
  if amount <= 0 then
    return
  end
  for index, window in ipairs(subject.plan.windows) do
    if window.resource == resource then
      charge_window(subject, index, amount)
      subject.changed = true
    end
  end
end

-- Windows that no config asks for any more would stay for as long as others keep
-- the key alive.
local function forget_old_windows(subject)
  local windows, now = subject.windows, subject.plan.now
  for at = #windows - WINDOW_NUMBERS + 1, 1, -WINDOW_NUMBERS do
    local per = windows[at + PER]
    local keep = math.floor((now - per) / math.ceil(per / SLOTS_PER_WINDOW))
    if windows[at + NEWEST] < keep then
      prune(subject, at, keep)
    end
  end
end

-- Writes what changed; the last that is done with a subject. `lease_ttl`: how long
-- the hold lasts from now, ms; nil where it goes on as it was.
local function save_subject(subject, lease_ttl)
  if not subject.changed and not subject.lease_changed then
    return
  end
  local key, plan = subject.key, subject.plan
  local now, ttl, lease = plan.now, plan.ttl, nil
  if subject.lease_changed then
    local expiry = lease_ttl and now + lease_ttl or subject.lease_expiry
    lease = format_lease(expiry, subject.lease)
    if lease then
      ttl = math.max(ttl, expiry - now)
      subject.earliest = math.min(subject.earliest or expiry, expiry)
    elseif subject.leased then
      redis.call('HDEL', key, plan.lease_field)
    end
  end
  -- A little more than it must live, so that not every call has to say so again.
  -- Never less than before: a call that knows only short windows must not cut
  -- the life of long ones.
  local expires = now + ttl > subject.live_until
  if expires then
    subject.live_until = now + ttl + math.floor(ttl / 16)
    forget_old_windows(subject)
  end
  if lease then
    redis.call('HSET', key, 's', write_state(subject), plan.lease_field, lease)
  else
    redis.call('HSET', key, 's', write_state(subject))
  end
  if expires then
    redis.call('PEXPIRE', key, whole(subject.live_until - now))
  end
end
