-- The addresses at which a transaction holds places, in a hash under its
-- account's tag: address -> '', and in '' when the holds were last renewed. More
-- than are held may be named, never fewer.

local function held_addresses(key)
  local list = {}
  for _, address in ipairs(redis.call('HKEYS', key)) do
    if address ~= '' then
      list[#list + 1] = address
    end
  end
  return list
end

-- Adds addresses. Gives those whose holds are due to be renewed: a reserve renews
-- all of its lease, but need not write every hold each time.
local function remember_held(key, addresses, ttl, now)
  local renewed = tonumber(redis.call('HGET', key, '') or nil)
  if not renewed and #addresses == 0 then
    return {}
  end
  local due = {}
  if renewed and now - renewed >= ttl / 4 then
    due = held_addresses(key)
    renewed = nil
  end
  local writes = {}
  for _, address in ipairs(addresses) do
    writes[#writes + 1] = address
    writes[#writes + 1] = ''
  end
  if not renewed then
    writes[#writes + 1] = ''
    writes[#writes + 1] = whole(now)
  end
  set_fields(key, writes)
  live_on(key, ttl)
  return due
end
