-- Leases: field `l:<transaction>` of a subject's hash, packed { expiry,
-- { resource = amount } }. In the subject's state: their sums `h`, and `e`, an
-- instant before which none of them expires.

local function parse_lease(text)
  local lease = cmsgpack.unpack(text)
  return lease[1], lease[2]
end

-- Nil when nothing is held.
local function format_lease(expiry, amounts)
  local held = {}
  for resource, amount in pairs(amounts) do
    if amount > 0 then
      held[resource] = amount
    end
  end
  if not next(held) then
    return nil
  end
  return cmsgpack.pack({ expiry, held })
end

-- Forgets leases that ran out, and sums up the others anew. Looks at the whole
-- hash, but only once per expiry.
local function sweep_leases(key, state, now)
  local all = redis.call('HGETALL', key)
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
  delete_fields(key, gone)
  state.h, state.e = held, earliest
end
