-- Leases: field `l:<transaction>` = "<expiry>:<resource>=<amount>,…" of a
-- subject's hash; their sums in `h:<resource>`; in `e` an instant before which
-- none of them expires.

local function parse_lease(text)
  local expiry, list = string.match(text, '^(%d+):(.*)$')
  local amounts = {}
  for resource, amount in string.gmatch(list, '(%a)=(%d+)') do
    amounts[resource] = tonumber(amount)
  end
  return tonumber(expiry), amounts
end

-- Nil when nothing is held.
local function format_lease(expiry, amounts)
  local list = {}
  for resource, amount in pairs(amounts) do
    if amount > 0 then
      list[#list + 1] = resource .. '=' .. whole(amount)
    end
  end
  if #list == 0 then
    return nil
  end
  return whole(expiry) .. ':' .. table.concat(list, ',')
end

-- Forgets leases that ran out, and sums up the others anew. Looks at the whole
-- hash, but only once per expiry.
local function sweep_leases(key, now)
  local all = redis.call('HGETALL', key)
  local held, earliest, gone = {}, nil, { 'e' }
  for i = 1, #all, 2 do
    local kind = string.sub(all[i], 1, 2)
    if kind == 'h:' then
      gone[#gone + 1] = all[i]
    elseif kind == 'l:' then
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
  if earliest then
    redis.call('HSET', key, 'e', whole(earliest))
  end
  for resource, amount in pairs(held) do
    redis.call('HSET', key, 'h:' .. resource, whole(amount))
  end
end
