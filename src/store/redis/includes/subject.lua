-- A subject's hash: for each window a head `<resource>:<per>` =
-- "<total>:<oldest slot>:<newest slot>" and a count in each slot
-- `<resource>:<per>:<slot>`; and its leases (lease.lua). Opened with one read,
-- saved with one write. How a window counts: src/store/window.ts.
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

-- Takes away the slots that have wholly left the window.
local function prune(subject, window)
  local keep = math.floor((subject.now - window.per) / window.width)
  if not window.oldest or window.oldest >= keep then
    return
  end
  local left = slot_fields(window, window.oldest, math.min(keep - 1, window.newest))
  for i, count in ipairs(get_fields(subject.key, left)) do
    if count then
      window.total = window.total - tonumber(count)
      subject.removals[#subject.removals + 1] = left[i]
    end
  end
  window.changed = true
  window.oldest = keep
  if window.newest < keep then
    window.total, window.oldest, window.newest = 0, nil, nil
  end
end

-- Reads what the limits, the resources and one transaction's lease need; a
-- transaction of '' has none.
local function open_subject(key, limits, resources, transaction, now)
  local subject = { key = key, now = now, windows = {}, held = {}, removals = {}, ttl = 0 }
  subject.lease_field = 'l:' .. transaction
  local fields = { 'e', subject.lease_field }
  local listed = {}
  for _, limit in ipairs(limits) do
    resources[limit.resource] = true
    if not subject.windows[limit.field] then
      local width = math.ceil(limit.per / SLOTS_PER_WINDOW)
      local slot = math.floor(now / width)
      local window = { field = limit.field, per = limit.per, width = width, slot = slot, total = 0, here = 0 }
      window.slot_field = limit.field .. ':' .. whole(slot)
      subject.windows[limit.field] = window
      listed[#listed + 1] = window
      fields[#fields + 1] = limit.field
      fields[#fields + 1] = window.slot_field
      subject.ttl = math.max(subject.ttl, limit.per + 2 * width)
    end
  end
  local first_resource = #fields
  local asked = {}
  for resource in pairs(resources) do
    asked[#asked + 1] = resource
    fields[#fields + 1] = 'h:' .. resource
  end

  local values = get_fields(key, fields)
  subject.earliest = tonumber(values[1] or nil)
  if subject.earliest and subject.earliest <= now then
    sweep_leases(key, now)
    values = get_fields(key, fields)
    subject.earliest = tonumber(values[1] or nil)
  end
  subject.lease = {}
  if values[2] then
    subject.lease_expiry, subject.lease = parse_lease(values[2])
    subject.leased = true
  end
  for i, window in ipairs(listed) do
    local head = values[2 * i + 1]
    if head then
      window.total, window.oldest, window.newest = parse_head(head)
    end
    window.here = tonumber(values[2 * i + 2] or 0)
    prune(subject, window)
  end
  for i, resource in ipairs(asked) do
    subject.held[resource] = tonumber(values[first_resource + i] or 0)
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
  for _, window in pairs(subject.windows) do
    if amount > 0 and string.sub(window.field, 1, #resource + 1) == resource .. ':' then
      window.total = window.total + amount
      window.here = window.here + amount
      window.oldest = math.min(window.oldest or window.slot, window.slot)
      window.newest = math.max(window.newest or window.slot, window.slot)
      window.changed, window.charged = true, true
    end
  end
end

-- Writes what changed. `lease_ttl`: how long the hold lasts from now, ms; nil
-- where it goes on as it was.
local function save_subject(subject, lease_ttl)
  local writes, removals = {}, subject.removals
  local function put(field, value)
    writes[#writes + 1] = field
    writes[#writes + 1] = value
  end
  for _, window in pairs(subject.windows) do
    if window.charged then
      put(window.slot_field, whole(window.here))
    end
    if window.changed and window.oldest then
      put(window.field, whole(window.total) .. ':' .. whole(window.oldest) .. ':' .. whole(window.newest))
    elseif window.changed then
      removals[#removals + 1] = window.field
    end
  end
  if subject.lease_changed then
    local expiry = lease_ttl and subject.now + lease_ttl or subject.lease_expiry
    local lease = format_lease(expiry, subject.lease)
    if lease then
      put(subject.lease_field, lease)
      subject.ttl = math.max(subject.ttl, expiry - subject.now)
      if not subject.earliest or expiry < subject.earliest then
        put('e', whole(expiry))
      end
    elseif subject.leased then
      removals[#removals + 1] = subject.lease_field
    end
    for resource, amount in pairs(subject.held) do
      if amount > 0 then
        put('h:' .. resource, whole(amount))
      else
        removals[#removals + 1] = 'h:' .. resource
      end
    end
  end
  if #removals > 0 then
    delete_fields(subject.key, removals)
  end
  if #writes > 0 then
    redis.call('HSET', subject.key, unpack(writes))
    live_on(subject.key, subject.ttl)
  end
end
