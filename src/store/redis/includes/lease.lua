-- Leases: field `l:<transaction>` of a subject's hash, packed: expiry, then each
-- resource and its amount. In the subject's state: their sums `held`, and
-- `earliest`, an instant before which none of them expires.
local HELD, HELD_OCTETS = 'BI6', 7
local INSTANT_OCTETS = 6

local function parse_lease(text)
  local flat = { struct.unpack('<I6' .. string.rep(HELD, (#text - INSTANT_OCTETS) / HELD_OCTETS), text) }
  return flat[1], amounts_in(flat, 2)
end

-- Amounts above 0, flat, and how many.
local function flat_amounts(amounts)
  local flat, count = {}, 0
  for resource, amount in pairs(amounts) do
    if amount > 0 then
      count = count + 1
      flat[2 * count - 1], flat[2 * count] = resource, amount
    end
  end
  return flat, count
end

-- Nil when nothing is held.
local function format_lease(expiry, amounts)
  local flat, count = flat_amounts(amounts)
  if count == 0 then
    return nil
  end
  return struct.pack('<I6' .. string.rep(HELD, count), expiry, unpack(flat))
end

-- Forgets leases that ran out, and sums up the others anew. Looks at the whole
-- hash, but only once per expiry.
local function sweep_leases(subject, now)
  local all = redis.call('HGETALL', subject.key)
  local held, earliest, gone = {}, nil, {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'l:' then
      local expiry, amounts = parse_lease(all[i + 1])
      if expiry <= now then
        gone[#gone + 1] = all[i]
      else
        earliest = math.min(earliest or expiry, expiry)
        for resource, amount in pairs(amounts) do
          held[resource] = (held[resource] or 0) + amount
        end
      end
    end
  end
  delete_fields(subject.key, gone)
  subject.held, subject.earliest = held, earliest
end
