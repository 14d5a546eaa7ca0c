-- The first message to an address within its windows, in few steps: of most
-- recipients of bulk mail nothing is kept. What comes out is what subject.lua
-- would write, octet for octet; whatever else is kept goes its way.

-- Whether limits count one resource, and each has room for one.
local function are_alike(limits)
  local resource = limits[1] and limits[1].resource
  for _, limit in ipairs(limits) do
    if limit.resource ~= resource or limit.count < 1 then
      return false
    end
  end
  return resource ~= nil
end

-- Charges one in windows of which nothing is kept.
local function charge_first(key, plan)
  if not plan.first_state then
    local lives = plan.ttl + math.floor(plan.ttl / 16)
    local parts = { struct.pack('<BI6', 0, plan.now + lives) }
    for i, window in ipairs(plan.windows) do
      parts[i + 1] = struct.pack('<' .. WINDOW, window.resource, window.per, 1, window.slot, 0, 1)
    end
    plan.first_state, plan.first_lives = table.concat(parts), whole(lives)
  end
  redis.call('HSET', key, 's', plan.first_state)
  redis.call('PEXPIRE', key, plan.first_lives)
end
