-- The first message to an address within its windows, in few steps: of most
-- recipients of bulk mail nothing is kept. What comes out is what subject.lua
-- would write, octet for octet; whatever else is kept goes its way.
local ONE_PLACE = 'BI6'
local HELD_ONLY_OCTETS, LIVE_UNTIL_ENDS = 20, 7

-- Whether limits count one resource, and each has room for one: gives it, or nil.
local function counted_once(limits)
  local resource = limits[1] and limits[1].resource
  for _, limit in ipairs(limits) do
    if limit.resource ~= resource or limit.count < 1 then
      return nil
    end
  end
  return resource
end

-- Holds one place in windows of which nothing is kept.
local function hold_first(key, plan, resource, lease_ttl)
  local expiry = plan.now + lease_ttl
  local ttl = math.max(plan.ttl, lease_ttl)
  local lives = ttl + math.floor(ttl / 16)
  local lease = struct.pack('<I6' .. ONE_PLACE, expiry, resource, 1)
  redis.call('HSET', key, 's', struct.pack('<BI6', 1, plan.now + lives) .. lease, plan.lease_field, lease)
  redis.call('PEXPIRE', key, whole(lives))
end

-- Whether a transaction's hold of one place is all that is kept, and lives on.
local function is_first_hold(plan, resource, packed, written)
  if not written or not resource or #packed ~= HELD_ONLY_OCTETS or string.sub(packed, LIVE_UNTIL_ENDS + 1) ~= written then
    return false
  end
  local _, live_until, expiry, held, amount = struct.unpack('<BI6I6' .. ONE_PLACE, packed)
  return held == resource and amount == 1 and expiry > plan.now and plan.now + plan.ttl <= live_until
end

-- Turns such a hold into the first charge.
local function charge_first(key, plan, packed)
  if not plan.first_windows then
    local windows = {}
    for i, window in ipairs(plan.windows) do
      windows[i] = struct.pack('<' .. WINDOW, window.resource, window.per, 1, window.slot, 0, 1)
    end
    plan.first_windows = table.concat(windows)
  end
  redis.call('HSET', key, 's', '\0' .. string.sub(packed, 2, LIVE_UNTIL_ENDS) .. plan.first_windows)
  redis.call('HDEL', key, plan.lease_field)
end

-- As add_usage() of limits that have room: each with what is used of it.
local function add_alike_usage(list, limits, used)
  local at = #list
  for i = 1, #limits do
    list[at + 1], list[at + 2] = i, used
    at = at + 2
  end
  list[at + 1] = 0
end
